using System.CommandLine;
using Resurgam.Adapters.Secrets;
using Resurgam.Cli;

namespace Resurgam.Keys;

internal static class SecretCommand
{
    private const int KeyFileBytes = 32;

    public static Command Create()
    {
        Argument<string> file = new("file") { Description = "The new file; one that is there is never overwritten." };
        Command command = new("secret", "Make a key file of 256 bits, to be a vault's secret.") { file };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetRequiredValue(file), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(Session session, string file, CancellationToken cancellationToken)
    {
        var bytes = new byte[KeyFileBytes];
        session.Entropy.Fill(bytes);
        SecretFileDocument document = new(session.AbsolutePath(file));
        await SecretFile.WriteNewAsync(document.File, Convert.ToHexStringLower(bytes) + "\n", cancellationToken);
        session.Output.Write(
            document,
            KeyDocuments.Json.SecretFileDocument,
            text =>
            {
                text.WriteLine($"key file {document.File} made, mode 600; it is nobody's secret yet");
                text.WriteLine(
                    $"Keep a copy where a disaster here does not reach it, then 'resurgam vault key add --new-file {file}'."
                );
            }
        );
        return ExitCode.Success;
    }
}
