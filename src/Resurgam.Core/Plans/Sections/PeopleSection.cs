using System.Text.Json;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>People and how they are reached.</summary>
internal static class PeopleSection
{
    private static readonly PlanKey<string?> Role = OptionalKey.Text(
        "role",
        "SRE on call",
        "What the person or team is."
    );

    private static readonly PlanKey<ValueList<string>> Reach = OptionalKey.Names(
        "reach",
        "[pager, phone]",
        "Names of `channels`, the first tried first."
    );

    private static readonly PlanKey<string?> Login = OptionalKey.Text(
        "login",
        "asmith",
        "Their user on the daemon's machine: who asks through its unix socket as that user is this person. Each user is one person.",
        "its name"
    );

    private static readonly PlanKey<SecretSource?> Token = OptionalKey.Of(
        "token",
        SecretSection.Type.OrNone,
        "{ file: /etc/resurgam/tokens/anna }",
        "Where the token is found by which the daemon's HTTP interface knows them: `env`, `file` or `command`, as in `vault.secret`. At least 32 characters."
    );

    private static readonly PlanKey<ValueList<PersonRight>> May = OptionalKey.Of(
        "may",
        DocumentTypes.Choices(
            ("look", PersonRight.Look),
            ("backup", PersonRight.Backup),
            ("verify", PersonRight.Verify),
            ("drill", PersonRight.Drill),
            ("run", PersonRight.Run),
            ("decide", PersonRight.Decide)
        ),
        "[backup, verify]",
        "What they may do through the daemon's HTTP interface; looking at runs is a part of each.",
        "everything"
    );

    private static readonly PlanKey<ChannelKind> Kind = OptionalKey.Required(
        "kind",
        DocumentTypes.Choice(
            ("phone", ChannelKind.Phone),
            ("email", ChannelKind.Email),
            ("pager", ChannelKind.Pager),
            ("webhook", ChannelKind.Webhook),
            ("chat", ChannelKind.Chat),
            ("portal", ChannelKind.Portal)
        ),
        "phone",
        "What it is."
    );

    private static readonly PlanKey<string?> Address = OptionalKey.Text("address", "+1-555-0100", "Number or address.");

    private static readonly PlanKey<SecretSource?> Secret = OptionalKey.Of(
        "secret",
        SecretSection.Type.OrNone,
        "{ env: PAGER_KEY }",
        "Where the address or its key is found, when it is a secret."
    );

    private static readonly PlanKey<string> Who = OptionalKey.Required(
        "who",
        PlanTypes.Text,
        "sre",
        "A name of `people`."
    );

    private static readonly PlanKey<TimeSpan> After = new("after", DocumentTypes.Loss)
    {
        Default = "0s",
        Example = "15m",
        About = "So long after the first call.",
    };

    private static readonly PlanKey<string?> About = OptionalKey.Text(
        "about",
        "Database support",
        "What they help with."
    );

    private static readonly PlanKey<string?> Contract = OptionalKey.Text(
        "contract",
        "Enterprise (24/7)",
        "Contract or level of support."
    );

    public static readonly PlanSection Section = new(
        "people.NAME",
        "A person, or a team that answers as one.",
        [Role, Reach, Login, Token, May]
    );

    public static readonly PlanSection ChannelSection = new(
        "channels.NAME",
        "A way to reach somebody.",
        [Kind, Address, Secret]
    );

    public static readonly PlanSection OnCallSection = new("on-call[]", "Who is called, in this order.", [Who, After]);

    public static readonly PlanSection VendorSection = new(
        "vendors.NAME",
        "Somebody who helps for money.",
        [About, Contract, Reach]
    );

    private static readonly PlanType<ValueList<Person>> People = PlanGroups.Named(() => Section, Read);

    public static readonly PlanKey<ValueList<Person>> Key = OptionalKey.Of(
        "people",
        People with
        {
            Read = ReadPeople,
        },
        "{ sre: { role: SRE team, reach: [pager] } }",
        "People and teams, by the names that the plan calls them."
    );

    public static readonly PlanKey<ValueList<Channel>> ChannelKey = OptionalKey.Of(
        "channels",
        PlanGroups.Named(() => ChannelSection, ReadChannel),
        "{ pager: { kind: phone, address: +1-555-0100 } }",
        "Ways to reach people, by their names."
    );

    public static readonly PlanKey<ValueList<Escalation>> OnCallKey = OptionalKey.Of(
        "on-call",
        PlanGroups.List(() => OnCallSection, ReadEscalation),
        "[{ who: sre }, { who: cto, after: 30m }]",
        "Who is called, and who after whom."
    );

    public static readonly PlanKey<ValueList<Vendor>> VendorKey = OptionalKey.Of(
        "vendors",
        PlanGroups.Named(() => VendorSection, ReadVendor),
        "{ aws: { contract: Enterprise, reach: [portal] } }",
        "Who helps for money, by name."
    );

    public static string WordOf(ChannelKind kind) =>
        kind switch
        {
            ChannelKind.Phone => "phone",
            ChannelKind.Email => "email",
            ChannelKind.Pager => "pager",
            ChannelKind.Webhook => "webhook",
            ChannelKind.Chat => "chat",
            ChannelKind.Portal => "portal",
        };

    public static void Write(Utf8JsonWriter json, Plan plan)
    {
        json.WriteNamed(
            "people",
            plan.People,
            person => person.Name,
            person =>
            {
                json.WriteText("role", person.Role);
                json.WriteSomeTexts("reach", person.Reach);
                json.WriteText("login", person.Login);
                if (person.Token is { } token)
                    SecretSection.Write(json, "token", token);
                json.WriteSomeTexts("may", [.. person.May.Select(right => right.ToWord())]);
            }
        );
        json.WriteNamed(
            "channels",
            plan.Channels,
            channel => channel.Name,
            channel =>
            {
                json.WriteString("kind", WordOf(channel.Kind));
                json.WriteText("address", channel.Address);
                if (channel.Secret is { } secret)
                    SecretSection.Write(json, "secret", secret);
            }
        );
        json.WriteList(
            "onCall",
            plan.OnCall,
            call =>
            {
                json.WriteString("who", call.Who);
                json.WriteSpan("after", call.After);
            }
        );
        json.WriteNamed(
            "vendors",
            plan.Vendors,
            vendor => vendor.Name,
            vendor =>
            {
                json.WriteText("about", vendor.About);
                json.WriteText("contract", vendor.Contract);
                json.WriteSomeTexts("reach", vendor.Reach);
            }
        );
    }

    /// <summary>One user for two people would be one person with two voices.</summary>
    private static ValueList<Person> ReadPeople(PlanValue value)
    {
        var people = People.Read(value);
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        foreach (var person in people)
            if (!names.TryAdd(person.User, person.Name))
                value.Refuse(PlanProblems.Login(value.Path, person.User, names[person.User], person.Name));
        return people;
    }

    private static Person Read(string name, PlanMapping keys) =>
        new()
        {
            Name = name,
            Role = keys.Get(Role),
            Reach = keys.Get(Reach),
            Login = keys.Get(Login),
            Token = keys.Get(Token),
            May = keys.Get(May),
        };

    private static Channel ReadChannel(string name, PlanMapping keys) =>
        new()
        {
            Name = name,
            Kind = keys.Get(Kind),
            Address = keys.Get(Address),
            Secret = keys.Get(Secret),
        };

    private static Escalation ReadEscalation(PlanMapping keys) =>
        new() { Who = keys.Get(Who), After = keys.Get(After) };

    private static Vendor ReadVendor(string name, PlanMapping keys) =>
        new()
        {
            Name = name,
            About = keys.Get(About),
            Contract = keys.Get(Contract),
            Reach = keys.Get(Reach),
        };
}
