using System.CommandLine;
using System.CommandLine.Help;
using System.Diagnostics;
using Resurgam.Adapters.Traces;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Serve;

namespace Resurgam.Cli;

/// <summary>Runs one command line: parse, session, command, and whatever went wrong told in one way.</summary>
internal static class Root
{
    /// <summary>What the parser says beside "unrecognized command", where it only confuses.</summary>
    private const string CommandMissing = "required command was not provided";

    public static string Version => typeof(Root).Assembly.GetName().Version?.ToString(3) ?? "0";

    public static RootCommand Create(params IReadOnlyList<Command> commands)
    {
        RootCommand root = new("Resurgam: a disaster recovery plan that carries itself out, and proves it.")
        {
            HelpName = "resurgam",
        };
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Aliases.Remove("/h"); // here these are paths
            help.Aliases.Remove("/?");
        }
        GlobalOptions.AddTo(root);
        foreach (var command in commands)
            root.Add(command);
        return root;
    }

    /// <returns>The exit code, as in docs/exit-codes.md.</returns>
    public static async Task<int> RunAsync(
        RootCommand root,
        IReadOnlyList<string> args,
        Surroundings around,
        StopSignals stop
    )
    {
        var line = root.Parse(args, ParserSettings());
        using var session = new Session(around, line);
        if (line.Errors.Count > 0)
            return ShowUsage(root, line, session);
        try
        {
            return around.Traces is null
                ? await line.InvokeAsync(SettingsFor(session), stop.Token)
                : await InvokeTracedAsync(line, session, stop.Token);
        }
        catch (ResurgamException e)
        {
            session.Abandon();
            return ErrorOutput.Show(session, e.Problems);
        }
        catch (OperationCanceledException) when (stop.ExitCodeOfSignal is { } exitCode)
        {
            session.Abandon();
            session.Terminal.WriteLine("stopped");
            return exitCode;
        }
        catch (Exception e) when (session.FindFileFault(e) is { } fault)
        {
            session.Abandon();
            var exitCode = ErrorOutput.Show(session, fault.Problems);
            ErrorOutput.ShowTrace(session, e);
            return exitCode;
        }
#pragma warning disable CA1031 // The root: nobody is above to tell what happened.
        catch (Exception e)
#pragma warning restore CA1031
        {
            session.Abandon();
            return ErrorOutput.ShowBug(session, e);
        }
    }

    /// <summary>A span of its own for each command but the daemon, whose works are traces of their own.</summary>
    private static async Task<int> InvokeTracedAsync(ParseResult line, Session session, CancellationToken stop)
    {
        session.Around.Traces?.TellTo(session.Output.Warn);
        var name = CommandName(line);
        if (name == $"resurgam {ServeCommand.Name}")
            return await line.InvokeAsync(SettingsFor(session), stop);
        ActivityContext.TryParse(
            session.Around.FindVariable("TRACEPARENT"),
            session.Around.FindVariable("TRACESTATE"),
            isRemote: true,
            out var parent
        );
        return await Spans.RunAsync(
            name,
            parent,
            [],
            async span =>
            {
                var code = await line.InvokeAsync(SettingsFor(session), stop);
                span?.SetTag("process.exit.code", code);
                return code;
            }
        );
    }

    /// <summary>No response files: a word that begins with @ is a word.</summary>
    private static ParserConfiguration ParserSettings() => new() { ResponseFileTokenReplacer = null };

    private static SessionConfiguration SettingsFor(Session session) =>
        new(session)
        {
            Output = session.Around.Stdout,
            Error = session.Around.Stderr,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // StopSignals does it
        };

    private static int ShowUsage(RootCommand root, ParseResult line, Session session)
    {
        var command = line.CommandResult.Command;
        var name = CommandName(line);
        if (command.Subcommands.Count > 0 && command.Action is null && line.UnmatchedTokens.Count == 0)
        {
            if (session.Output.Format == OutputFormat.Text)
            {
                var help = SettingsFor(session);
                help.Output = session.Around.Stderr;
                root.Parse([.. name.Split(' ').Skip(1), "--help"], ParserSettings()).Invoke(help);
                return ExitCode.Usage;
            }
        }
        var hint = $"Run '{name} --help' to see what it takes.";
        if (line.UnmatchedTokens is [var first, ..] && Nearest.Of(first, WordsOf(command)) is { } near)
            hint = $"Did you mean '{near}'? {hint}";
        return ErrorOutput.Show(
            session,
            [
                .. line
                    .Errors.Select(error => new Problem("usage", Remedy.Fix, Sentence(error.Message), hint))
                    .Where(problem => line.UnmatchedTokens.Count == 0 || problem.What != CommandMissing),
            ]
        );
    }

    /// <summary>As typed: <c>resurgam plan check</c>.</summary>
    private static string CommandName(ParseResult line)
    {
        List<string> names = [];
        for (System.CommandLine.Parsing.SymbolResult? at = line.CommandResult; at is not null; at = at.Parent)
        {
            if (at is System.CommandLine.Parsing.CommandResult result)
                names.Insert(0, result.Command is RootCommand ? "resurgam" : result.Command.Name);
        }
        return string.Join(' ', names);
    }

    /// <summary>What could have been meant: subcommands, options, and the options of every command above.</summary>
    private static IEnumerable<string> WordsOf(Command command) =>
        command
            .Subcommands.Select(sub => sub.Name)
            .Concat(command.Options.Select(option => option.Name))
            .Concat(command.Parents.OfType<Command>().SelectMany(WordsOf).Where(word => word.StartsWith('-')));

    private static string Sentence(string message)
    {
        var words = message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var text = string.Join(' ', words).TrimEnd('.');
        return text.Length == 0 ? text : char.ToLowerInvariant(text[0]) + text[1..];
    }
}
