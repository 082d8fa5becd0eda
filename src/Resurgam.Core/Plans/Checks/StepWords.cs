using System.Text.RegularExpressions;
using Resurgam.Core.Runs;

namespace Resurgam.Core.Plans.Checks;

/// <summary>What the words of a step give away about it. Programs have no types: a wrong guess is a finding too many, never one less work.</summary>
internal static partial class StepWords
{
    private const int MostShown = 80;

    [GeneratedRegex(
        @"\b(drop\s+(database|table|schema)|truncate|delete\s+from|flushdb|flushall|mkfs|rm\s+-\S*r|dropdb|destroy|delete\s+(namespace|pvc|pv)\b)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Destruction { get; }

    [GeneratedRegex(
        @"\b(route53|dns|failover|switch-traffic|traffic|nsupdate)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Traffic { get; }

    [GeneratedRegex(@"(^|/)(ba|da|z|k|a)?sh\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shell { get; }

    [GeneratedRegex(
        @"(password\s+'[^']+'|(password|passwd|token|secret)=[^\s$]+)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Secret { get; }

    [GeneratedRegex(@"(^|\s)(--all|--all-namespaces|-A)(\s|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex All { get; }

    [GeneratedRegex(@"-auto-approve|(^|\s)(--yes|--assume-yes)(\s|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex Unasked { get; }

    [GeneratedRegex(
        @"\b(restart|reboot|delete\s+pod|rollout\s+undo)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Restart { get; }

    [GeneratedRegex(
        @"(evidence|diagnos|\blogs\b|describe|forensic)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Evidence { get; }

    public static bool Destroys(StepAction action) => Destruction.IsMatch(TextOf(action));

    public static bool MovesTraffic(StepAction action) =>
        action is StepAction.DnsUpdate || (action is StepAction.Command && Traffic.IsMatch(TextOf(action)));

    public static bool IsShell(StepAction action) =>
        action is StepAction.Command command
        && Shell.IsMatch(command.Argv[0])
        && command.Argv.Any(word => word is ['-', .., 'c'] and not ['-', '-', ..]);

    public static bool ShowsSecret(StepAction action) => Secret.IsMatch(TextOf(action));

    public static bool ActsOnAll(StepAction action) => action is StepAction.Command && All.IsMatch(TextOf(action));

    public static bool ApprovesItself(StepAction action) => Unasked.IsMatch(TextOf(action));

    public static bool Restarts(StepAction action) =>
        action
            is StepAction.ServiceRestart
                or StepAction.PostgresRestart
                or StepAction.KubernetesRestart
                or StepAction.KubernetesRollback
                or StepAction.KubernetesEvict
        || Restart.IsMatch(TextOf(action));

    /// <summary>After it a copy is known to be good.</summary>
    public static bool Proves(RunbookStep step) =>
        step.Action is StepAction.VaultVerify or StepAction.PostgresSwap || step.Postcondition is Condition.Sql;

    /// <summary>After it a service is known to answer.</summary>
    public static bool Asks(RunbookStep step) => step.Action is StepAction.Http || step.Postcondition is Condition.Http;

    public static bool KeepsEvidence(RunbookStep step) =>
        step.Action is StepAction.PostgresDiagnose or StepAction.KubernetesEvidence
        || Evidence.IsMatch($"{step.Id} {step.Title} {TextOf(step.Action)}")
        || step.Action is StepAction.Manual or StepAction.VaultBackup;

    /// <summary>For messages; without what may be a secret.</summary>
    public static string Short(StepAction action)
    {
        var words = TextOf(action) is { Length: > 0 } written ? written : action.Describe();
        var text = Secret.Replace(words, "(not shown)").ReplaceLineEndings(" ");
        return text.Length <= MostShown ? text : $"{text[..MostShown]} ...";
    }

    private static string TextOf(StepAction action) =>
        action switch
        {
            StepAction.Command command => string.Join(' ', command.Argv),
            StepAction.Sql sql => sql.Statement,
            _ => "",
        };
}
