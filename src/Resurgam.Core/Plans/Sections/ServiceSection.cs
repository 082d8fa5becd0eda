using System.Text.Json;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Services, what they need of others, and the keys without which a copy is of no use.</summary>
internal static class ServiceSection
{
    private static readonly PlanKey<string?> About = OptionalKey.Text(
        "about",
        "Takes payments.",
        "What it is, for people."
    );

    private static readonly PlanKey<ValueList<string>> Needs = OptionalKey.Names(
        "needs",
        "[db, sessions]",
        "Names of services, assets and dependencies that must be up first."
    );

    private static readonly PlanKey<bool> Critical = new("critical", PlanTypes.YesOrNo)
    {
        Default = "true",
        Example = "false",
        About = "Whether the business stands without it.",
    };

    private static readonly PlanKey<string?> Fallback = OptionalKey.Text(
        "fallback",
        "commits are written by hand",
        "What is done while it is away."
    );

    private static readonly PlanKey<string?> Vendor = OptionalKey.Text(
        "vendor",
        "aws",
        "Who helps: a name of `vendors`."
    );

    private static readonly PlanKey<ValueList<string>> Opens = OptionalKey.Names(
        "opens",
        "[cluster]",
        "Names of the assets that are of no use without it, or `vault`."
    );

    private static readonly PlanKey<ValueList<string>> BackedUpIn = OptionalKey.Names(
        "backed-up-in",
        "[key-files]",
        "Names of the assets whose backup holds it; not those that it opens."
    );

    private static readonly PlanKey<ValueList<string>> Escrow = OptionalKey.Texts(
        "escrow",
        "[safe of the Vienna office]",
        "Where else it lies, in words."
    );

    public static readonly PlanSection Section = new(
        "services.NAME",
        "A service that must be there.",
        [About, Needs, Critical]
    );

    public static readonly PlanSection DependencySection = new(
        "dependencies.NAME",
        "Something of other people that we need.",
        [About, Fallback, Vendor]
    );

    public static readonly PlanSection KeySection = new(
        "keys.NAME",
        "A key that something is sealed or signed with. Never the key itself.",
        [About, Opens, BackedUpIn, Escrow]
    );

    public static readonly PlanKey<ValueList<ServicePlan>> Key = OptionalKey.Of(
        "services",
        PlanGroups.Named(() => Section, Read),
        "{ auth: { needs: [db] } }",
        "The services, by their names, and what each needs."
    );

    public static readonly PlanKey<ValueList<Dependency>> DependencyKey = OptionalKey.Of(
        "dependencies",
        PlanGroups.Named(() => DependencySection, ReadDependency),
        "{ github: { fallback: mirror in the vault } }",
        "What we need of others, by its name."
    );

    public static readonly PlanKey<ValueList<KeptKey>> KeysKey = OptionalKey.Of(
        "keys",
        PlanGroups.Named(() => KeySection, ReadKey),
        "{ sealing: { opens: [cluster], escrow: [safe] } }",
        "Keys without which a copy cannot be used, by their names."
    );

    public static void Write(Utf8JsonWriter json, Plan plan)
    {
        json.WriteNamed(
            "services",
            plan.Services,
            service => service.Name,
            service =>
            {
                json.WriteText("about", service.About);
                json.WriteSomeTexts("needs", service.Needs);
                json.WriteBoolean("critical", service.IsCritical);
            }
        );
        json.WriteNamed(
            "dependencies",
            plan.Dependencies,
            dependency => dependency.Name,
            dependency =>
            {
                json.WriteText("about", dependency.About);
                json.WriteText("fallback", dependency.Fallback);
                json.WriteText("vendor", dependency.Vendor);
            }
        );
        json.WriteNamed(
            "keys",
            plan.Keys,
            key => key.Name,
            key =>
            {
                json.WriteText("about", key.About);
                json.WriteSomeTexts("opens", key.Opens);
                json.WriteSomeTexts("backedUpIn", key.BackedUpIn);
                json.WriteSomeTexts("escrow", key.Escrow);
            }
        );
    }

    private static ServicePlan Read(string name, PlanMapping keys) =>
        new()
        {
            Name = name,
            About = keys.Get(About),
            Needs = keys.Get(Needs),
            IsCritical = keys.Get(Critical),
        };

    private static Dependency ReadDependency(string name, PlanMapping keys) =>
        new()
        {
            Name = name,
            About = keys.Get(About),
            Fallback = keys.Get(Fallback),
            Vendor = keys.Get(Vendor),
        };

    private static KeptKey ReadKey(string name, PlanMapping keys) =>
        new()
        {
            Name = name,
            About = keys.Get(About),
            Opens = keys.Get(Opens),
            BackedUpIn = keys.Get(BackedUpIn),
            Escrow = keys.Get(Escrow),
        };
}
