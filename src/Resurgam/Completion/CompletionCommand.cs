using System.CommandLine;
using System.Text.Json.Serialization;
using Resurgam.Cli;

namespace Resurgam.Completion;

/// <summary>Prints a script that lets a shell ask this program what can follow.</summary>
internal static class CompletionCommand
{
    /// <summary>The shells and their scripts. All of them ask the hidden directive <c>[suggest:CURSOR] "LINE"</c>.</summary>
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            # Completion of resurgam in bash. Put this into ~/.bashrc:  source <(resurgam completion bash)
            _resurgam() {
              local word="${COMP_WORDS[COMP_CWORD]}"
              local IFS=$'\n'
              COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "$word"))
            }
            complete -o bashdefault -o default -F _resurgam resurgam
            """,
        ["zsh"] = """
            #compdef resurgam
            # Completion of resurgam in zsh. Put this into ~/.zshrc, after compinit:  source <(resurgam completion zsh)
            _resurgam() {
              local -a words_here
              words_here=("${(@f)$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
              compadd -- ${words_here:#} || _files
            }
            compdef _resurgam resurgam
            """,
        ["fish"] = """
            # Completion of resurgam in fish. Write this to ~/.config/fish/completions/resurgam.fish
            complete -c resurgam -a '(resurgam "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
            """,
    };

    public static Command Create()
    {
        Argument<string> shell = new("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        Command command = new("completion", "Print a script that completes commands in a shell.") { shell };
        command.SetAction(line => Run(Session.Of(line), line.GetRequiredValue(shell)));
        return command;
    }

    internal static int Run(Session session, string shell)
    {
        CompletionDocument document = new(shell, Scripts[shell].ReplaceLineEndings("\n") + "\n");
        session.Output.Write(
            document,
            CompletionDocuments.Json.CompletionDocument,
            text => text.Write(document.Script)
        );
        return ExitCode.Success;
    }
}

internal sealed record CompletionDocument(string Shell, string Script);

[JsonSerializable(typeof(CompletionDocument))]
internal sealed partial class CompletionDocuments : JsonSerializerContext
{
    public static readonly CompletionDocuments Json = new(CliJson.NewOptions());
}
