using System.Globalization;
using System.Text.RegularExpressions;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>The types that only values of runbooks and targets have.</summary>
internal static partial class RunbookTypes
{
    private static readonly string[] Methods = ["GET", "HEAD", "PUT", "DELETE", "POST", "PATCH"];

    public static readonly PlanType<ValueList<string>> Texts = new("list of texts", [], ReadTexts);

    public static readonly PlanType<ValueList<StepId>> StepIds = new(
        "list of steps",
        [],
        value => [.. ReadTexts(value).Select(text => new StepId(text))]
    );

    public static readonly PlanType<string> Method = new(
        "HTTP method",
        "GET",
        value => OneOf(value, Methods, method => method, "GET")
    );

    public static readonly PlanType<Risk> Risk = new(
        "`low`, `medium` or `high`",
        Runs.Risk.Low,
        value => OneOf(value, Enum.GetValues<Risk>(), NameOf, Runs.Risk.Low)
    );

    public static readonly PlanType<DrillBehaviour?> InDrill = new(
        "`run` or `skip`",
        null,
        value => OneOf(value, Enum.GetValues<DrillBehaviour>(), NameOf, DrillBehaviour.Skip)
    );

    public static readonly PlanType<string> SettingName = new(
        "name of a setting",
        "",
        value => Fitting(value, SettingPattern, "a setting of PostgreSQL, as 'max_connections'")
    );

    public static readonly PlanType<string> UrlPath = new(
        "path of an address",
        "/",
        value => Fitting(value, PathPattern, "a path that begins with '/'")
    );

    public static readonly PlanType<string> Unit = new(
        "name of a systemd unit",
        "",
        value => Fitting(value, UnitPattern, "a unit of systemd, as 'postgresql@15-main.service'")
    );

    public static readonly PlanType<int> Status = new("HTTP status", 200, ReadStatus);

    public static readonly PlanType<string> MailAddress = new(
        "mail address",
        "",
        value => Fitting(value, MailPattern, "a mail address, as 'sre@example.net'")
    );

    public static readonly PlanType<ValueList<string>> MailAddresses = new("list of mail addresses", [], ReadMail);

    [GeneratedRegex(
        @"^[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9.-]{1,255}\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    )]
    private static partial Regex MailPattern { get; }

    [GeneratedRegex(@"^[a-z_][a-z0-9_.]{0,126}\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SettingPattern { get; }

    [GeneratedRegex(@"^/[!-~]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PathPattern { get; }

    [GeneratedRegex(@"^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]{0,250}\z", RegexOptions.CultureInvariant)]
    private static partial Regex UnitPattern { get; }

    public static string NameOf(Risk risk) =>
        risk switch
        {
            Runs.Risk.Low => "low",
            Runs.Risk.Medium => "medium",
            Runs.Risk.High => "high",
        };

    public static string NameOf(DrillBehaviour behaviour) =>
        behaviour switch
        {
            DrillBehaviour.Run => "run",
            DrillBehaviour.Skip => "skip",
        };

    private static T OneOf<T>(PlanValue value, IReadOnlyList<T> known, Func<T, string> nameOf, T standIn)
    {
        if (PlanTypes.ReadText(value) is not { } written)
            return standIn;
        foreach (var one in known)
            if (nameOf(one) == written)
                return one;
        value.Refuse(RunbookProblems.Word(value.Path, written, known.Select(nameOf)));
        return standIn;
    }

    internal static string Fitting(PlanValue value, Regex pattern, string wanted)
    {
        var written = PlanTypes.ReadText(value);
        if (written is not null && !pattern.IsMatch(written))
            value.Refuse(RunbookProblems.Unfit(value.Path, written, wanted));
        return written ?? "";
    }

    private static int ReadStatus(PlanValue value)
    {
        if (PlanTypes.ReadText(value) is not { } written)
            return 200;
        if (
            int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            && status is >= 100 and < 600
        )
            return status;
        value.Refuse(RunbookProblems.Unfit(value.Path, written, "a status of HTTP, 100 to 599"));
        return 200;
    }

    private static ValueList<string> ReadMail(PlanValue value)
    {
        if (value.Node is YamlNode.Sequence { Items.Count: > 0 } sequence)
            return
            [
                .. sequence.Items.Select(
                    (item, i) => MailAddress.Read(value with { Node = item, Path = $"{value.Path}[{i}]" })
                ),
            ];
        value.Refuse(PlanProblems.Type(value.Path, "a list of mail addresses", value.Node.Shape, value.Example));
        return [];
    }

    private static ValueList<string> ReadTexts(PlanValue value)
    {
        if (value.Node is not YamlNode.Sequence sequence)
        {
            value.Refuse(PlanProblems.Type(value.Path, "a list", value.Node.Shape, value.Example));
            return [];
        }
        return
        [
            .. sequence
                .Items.Select((item, i) => PlanTypes.ReadText(value with { Node = item, Path = $"{value.Path}[{i}]" }))
                .OfType<string>(),
        ];
    }
}
