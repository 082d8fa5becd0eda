using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Resurgam.Cli;

/// <summary>The options that every command has, before or after its name.</summary>
internal static class GlobalOptions
{
    private const string Plan = "--plan";
    private const string From = "--from";
    private const string AsOf = "--as-of";
    private const string Output = "--output";
    private const string Quiet = "--quiet";
    private const string Verbose = "--verbose";

    public static void AddTo(RootCommand root)
    {
        root.Add(
            new Option<string>(Plan)
            {
                Description = "The plan file; else the variable RESURGAM_PLAN, else ./resurgam.yaml.",
                HelpName = "FILE",
                Recursive = true,
            }
        );
        root.Add(
            new Option<string>(From)
            {
                Description =
                    "Work in this replica of the vault, as the plan names it, instead of the vault's own place.",
                HelpName = "REPLICA",
                Recursive = true,
            }
        );
        root.Add(
            new Option<DateTimeOffset>(AsOf)
            {
                Description = "Read a store on S3 that keeps versions as it was then: 2026-11-25T14:00:00Z.",
                HelpName = "TIME",
                Recursive = true,
                CustomParser = result =>
                {
                    if (TryTime(result.Tokens[0].Value, out var time))
                        return time;
                    result.AddError(
                        $"'{result.Tokens[0].Value}' is not a time; write for example 2026-11-25T14:00:00Z"
                    );
                    return default;
                },
            }
        );
        root.Add(
            new Option<string>(Output, "-o")
            {
                Description = "Form of the result on stdout: text, or one JSON document.",
                Recursive = true,
                DefaultValueFactory = _ => "text",
            }.AcceptOnlyFromAmong("text", "json")
        );
        root.Add(new Option<bool>(Quiet, "-q") { Description = "No progress and no notes.", Recursive = true });
        root.Add(new Option<bool>(Verbose) { Description = "More notes, and the trace of a bug.", Recursive = true });
    }

    public static string? PlanOf(ParseResult line) => WrittenValue(line, Plan);

    public static string? FromOf(ParseResult line) => WrittenValue(line, From);

    public static DateTimeOffset? AsOfOf(ParseResult line) =>
        WrittenValue(line, AsOf) is { } text && TryTime(text, out var time) ? time : null;

    /// <summary>Without a zone it is UTC.</summary>
    private static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out time
        );

    /// <summary>Works on a wrong command line too: its errors are told in the form that was asked for.</summary>
    public static bool IsJson(ParseResult line) => WrittenValue(line, Output) == "json";

    public static bool IsQuiet(ParseResult line) => line.GetResult(Quiet) is OptionResult { Implicit: false };

    public static bool IsVerbose(ParseResult line) => line.GetResult(Verbose) is OptionResult { Implicit: false };

    private static string? WrittenValue(ParseResult line, string option) =>
        line.GetResult(option) is OptionResult { Implicit: false, Tokens: [.., var last] } ? last.Value : null;
}
