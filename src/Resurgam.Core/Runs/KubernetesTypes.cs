using System.Globalization;
using System.Text.RegularExpressions;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>The types that only values of Kubernetes actions have.</summary>
internal static partial class KubernetesTypes
{
    /// <summary>What stands for the number that was there.</summary>
    public const string Before = "before";

    private const int MostReplicas = 10_000;

    public static readonly PlanType<string> Name = new("name of Kubernetes", "", ReadName);

    public static readonly PlanType<string> Selector = new("label selector", "", ReadSelector);

    public static readonly PlanType<ValueList<Workload>> Workloads = new(
        "list of workloads",
        [],
        value => ReadList(value, Workload.TryParse, "Deployment/NAME, StatefulSet/NAME or DaemonSet/NAME")
    );

    public static readonly PlanType<ValueList<Workload>> Scalable = new(
        "list of workloads",
        [],
        value =>
            ReadList(
                value,
                text => Workload.TryParse(text) is { HasReplicas: true } one ? one : null,
                "Deployment/NAME or StatefulSet/NAME"
            )
    );

    public static readonly PlanType<Workload?> Deployment = new(
        "a Deployment",
        null,
        value => ReadOne(value, text => Workload.TryParse(text) is { Kind: Workload.Deployment } one ? one : null)
    );

    public static readonly PlanType<ValueList<ReconcilerName>> Reconcilers = new(
        "list of reconcilers",
        [],
        value =>
            ReadList(
                value,
                ReconcilerName.TryParse,
                $"KIND/NAMESPACE/NAME, with {string.Join(", ", ReconcilerName.Kinds.Keys)} as KIND"
            )
    );

    /// <summary>Null stands for <see cref="Before"/>.</summary>
    public static readonly PlanType<int?> Replicas = new(
        "whole number, or `before`",
        0,
        value => ReadNumber(value, least: 0, MostReplicas, Before)
    );

    public static readonly PlanType<int> Most = new(
        "whole number from 1 on",
        1,
        value => ReadNumber(value, least: 1, MostReplicas, standIn: null) ?? 1
    );

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern { get; }

    /// <summary>What a label selector may hold; the server reads it.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9!][A-Za-z0-9_./=!, ()-]{0,500}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SelectorPattern { get; }

    private static string ReadName(PlanValue value) => Fitting(value, NamePattern, "a name, as 'shop'");

    private static string ReadSelector(PlanValue value) =>
        Fitting(value, SelectorPattern, "a selector of labels, as 'app=web'");

    private static string Fitting(PlanValue value, Regex pattern, string wanted)
    {
        var written = PlanTypes.ReadText(value);
        if (written is not null && !pattern.IsMatch(written))
            value.Refuse(RunbookProblems.Unfit(value.Path, written, wanted));
        return written ?? "";
    }

    private static Workload? ReadOne(PlanValue value, Func<string, Workload?> parse)
    {
        if (PlanTypes.ReadText(value) is not { } written)
            return null;
        if (parse(written) is { } one)
            return one;
        value.Refuse(RunbookProblems.Unfit(value.Path, written, "Deployment/NAME"));
        return null;
    }

    private static ValueList<T> ReadList<T>(PlanValue value, Func<string, T?> parse, string wanted)
        where T : class
    {
        List<T> all = [];
        if (value.Node is YamlNode.Sequence { Items.Count: 0 })
            value.Refuse(PlanProblems.Type(value.Path, "a list", "an empty list", value.Example));
        foreach (var (i, text) in PlanTypes.ReadTexts(value).Index())
            if (parse(text) is { } one)
                all.Add(one);
            else
                value.Refuse(RunbookProblems.Unfit($"{value.Path}[{i}]", text, wanted));
        return [.. all];
    }

    private static int? ReadNumber(PlanValue value, int least, int most, string? standIn)
    {
        if (PlanTypes.ReadText(value) is not { } written)
            return least;
        if (standIn is not null && written == standIn)
            return null;
        if (
            int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= most
        )
            return number;
        value.Refuse(
            RunbookProblems.Unfit(
                value.Path,
                written,
                string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}")
            )
        );
        return least;
    }
}
