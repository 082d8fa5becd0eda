using System.Globalization;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>Everything that can be wrong with a plan, in the words that the operator sees.</summary>
public static partial class PlanProblems
{
    internal const string AliasCode = "plan-alias";

    public static ResurgamException ScenarioUnknown(Plan plan, string name)
    {
        var names = plan.Scenarios.Select(scenario => scenario.Name).ToList();
        return new(
            Of(
                "plan-scenario-unknown",
                $"plan '{plan.Name}' has no scenario '{name}'",
                (Nearest.Of(name, names), names.Count) switch
                {
                    ({ } near, _) => $"Did you mean '{near}'? The plan's scenarios: {string.Join(", ", names)}.",
                    (_, 0) => "Write it below the plan's key 'scenarios'.",
                    _ => $"The plan's scenarios: {string.Join(", ", names)}.",
                }
            )
        );
    }

    /// <param name="others">Names that are known beside those of the plan.</param>
    public static ResurgamException AssetUnknown(Plan plan, string id, params IEnumerable<string> others)
    {
        var names = plan
            .Assets.Select(asset => asset.Id.Value)
            .Concat(others)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return new(
            Of(
                "plan-asset-unknown",
                $"plan '{plan.Name}' has no asset '{id}'",
                (Nearest.Of(id, names), names.Count) switch
                {
                    ({ } near, _) => $"Did you mean '{near}'? The plan's assets: {string.Join(", ", names)}.",
                    (_, 0) => "The plan protects nothing yet: add the asset below its key 'assets'.",
                    _ => $"The plan's assets: {string.Join(", ", names)}.",
                }
            )
        );
    }

    internal static Problem TooLarge(long lengthBytes, long maxBytes) =>
        Of(
            "plan-too-large",
            $"the file has {new ByteSize(lengthBytes)}, and a plan has at most {new ByteSize(maxBytes)}",
            "Check that --plan names the plan file and not a dump or a log."
        );

    internal static Problem TooDeep(int maxDepth) =>
        Of(
            "plan-too-deep",
            $"the values here are nested more than {maxDepth} deep",
            "Check the brackets and the indentation: no key of a plan lies that deep."
        );

    internal static Problem Empty() =>
        Of(
            "plan-empty",
            "the file holds no plan",
            "Begin it with the line 'resurgam: 1'; docs/reference-plan.md shows a whole plan."
        );

    internal static Problem Syntax(string yamlMessage) =>
        Of(
            "plan-yaml",
            $"this is not YAML: {Sentence(yamlMessage)}",
            "Look at this line and the one above it: indentation, a missing ':' or space behind it, unclosed quotes or brackets."
        );

    internal static Problem ControlCharacter(char character) =>
        Of(
            "plan-yaml",
            string.Create(
                CultureInfo.InvariantCulture,
                $"this is not YAML: it holds the control character U+{(int)character:X4}"
            ),
            "Check that the file is text: 'file FILE' says what it is, and 'grep -nP \"\\p{Cc}\" FILE' shows the places."
        );

    internal static Problem Tab() =>
        Of(
            "plan-tab",
            "this line is indented with a tab, which YAML does not allow",
            "Indent with spaces, two for each level: 'expand -t 2' does it for a whole file."
        );

    internal static Problem SecondDocument() =>
        Of(
            "plan-documents",
            "a second document begins here ('---'), and a plan is one document",
            "Remove the line '---' or move what follows it into a file of its own."
        );

    internal static Problem Alias(string name) =>
        Of(
            AliasCode,
            $"'*{name}' refers to a value elsewhere",
            "Write the value out here: a plan says at each place what holds there."
        );

    internal static Problem Anchor(string name) =>
        Of(
            AliasCode,
            $"'&{name}' gives a value a name for use elsewhere",
            $"Remove '&{name}' and write the value out wherever it holds."
        );

    internal static Problem Tag(string tag) =>
        Of("plan-tag", $"the tag '{tag}' means nothing in a plan", "Remove it: each key knows the type of its value.");

    internal static Problem KeyIsNotText(string shape) =>
        Of(
            "plan-type",
            $"a key must be a word, and this one is {shape}",
            "Check for a stray '?', '[' or '{' in front of it."
        );

    internal static Problem Type(string path, string wanted, string shape, string example) =>
        Of("plan-type", $"{path} must be {wanted}, and here is {shape}", $"Write for example: {example}");

    internal static Problem DuplicateKey(string path, string key, int firstLine) =>
        Of(
            "plan-duplicate-key",
            string.Create(CultureInfo.InvariantCulture, $"{path} has '{key}' already, on line {firstLine}"),
            "Keep one of the two."
        );

    internal static Problem UnknownKey(string path, string key, string hint) =>
        Of("plan-unknown-key", $"{path} has no key '{key}'", hint);

    internal static Problem MissingKey(string path, string key, string example) =>
        Of("plan-missing-key", $"{path} lacks the key '{key}'", $"Add for example: {example}");

    internal static Problem Version(string written) =>
        Of(
            "plan-version",
            $"the plan is of version '{written}', and this program reads version 1",
            "Write 'resurgam: 1', or use the release of resurgam that the plan was written for."
        );

    internal static Problem Duration(string path, string written) =>
        Of(
            "plan-duration",
            $"{path} is '{written}', which is not a duration",
            "Write a whole number with its unit (d, h, m, s, ms), the larger unit first: 90d, 1h30m, 10s, 500ms."
        );

    internal static Problem DurationRange(string path, TimeSpan given, TimeSpan least, TimeSpan most) =>
        Of(
            "plan-duration",
            $"{path} is {Values.Duration.Format(given)}, and it must lie between {Values.Duration.Format(least)} and {Values.Duration.Format(most)}",
            "Choose a value between the two; docs/reference-plan.md says what the key does."
        );

    internal static Problem Size(string path, string written) =>
        Of(
            "plan-byte-size",
            $"{path} is '{written}', which is not a size",
            "Write a number above zero with its unit (KiB, MiB, GiB, TiB, or kB, MB, GB, TB): 256 KiB, 50 MB."
        );

    internal static Problem Host(string path, string written) =>
        Of(
            "plan-host",
            $"{path} is '{written}', which is no host name or address",
            "Write the name or the address alone; the port has a key of its own, and a unix socket goes under 'socket'."
        );

    internal static Problem Port(string path, string written) =>
        Of("plan-host", $"{path} is '{written}', which is no port", "Write a number from 1 to 65535.");

    internal static Problem YesOrNo(string path, string written) =>
        Of("plan-type", $"{path} must be true or false, and here is '{written}'", "Write true or false.");

    internal static Problem RelativePath(string path, string written) =>
        Of(
            "plan-path",
            $"{path} is '{written}', which is not an absolute path",
            written.StartsWith('~')
                ? "Write the home folder out, for example /home/ops; a plan is read by services that have another home."
                : "Begin it with '/': a plan is read from many working folders."
        );

    internal static Problem PathCharacters(string path) =>
        Of(
            "plan-path",
            $"{path} holds a control character",
            "Write the path on one line, without escapes such as \\n or \\0."
        );

    internal static Problem Pattern(string path, string written) =>
        Of(
            "plan-pattern",
            $"{path} is '{written}', which can fit nothing",
            "Write a name (*.tmp) or a path below the asset's folder (cache/**), without '.', '..' and double slashes."
        );

    internal static Problem Flag(string path, string written) =>
        Of("plan-type", $"{path} is '{written}', and it is either true or false", "Write true or false.");

    internal static Problem AssetName(string written) =>
        Of(
            "plan-asset-id",
            $"'{written}' cannot name an asset",
            $"Use 1 to {AssetId.MaxLength} of the characters a-z, 0-9, '-' and '_', the first a letter or a digit."
        );

    internal static Problem UnknownKind(string path, string written, IEnumerable<string> known) =>
        Of(
            "plan-kind",
            $"{path} is of kind '{written}', which this program does not know",
            Nearest.Of(written, known) is { } near
                ? $"Did you mean '{near}'?"
                : $"Known kinds: {string.Join(", ", known)}."
        );

    /// <summary>YamlDotNet puts the place in front and a capital and a full stop around what it says.</summary>
    private static string Sentence(string yamlMessage)
    {
        var text = yamlMessage[
            (yamlMessage.LastIndexOf("): ", StringComparison.Ordinal) is var end and >= 0 ? end + 3 : 0)..
        ];
        text = text.Trim().TrimEnd('.');
        return text.Length == 0 ? "it cannot be read" : char.ToLowerInvariant(text[0]) + text[1..];
    }

    private static Problem Of(string code, string what, string hint) => new(code, Remedy.Fix, what, hint);
}
