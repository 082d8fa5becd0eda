using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Vaults.Keys;

namespace Resurgam.Keys;

internal static class SharesCommand
{
    public static Command Create() =>
        new("shares", "Recovery shares: any k of n people open the vault together, and fewer cannot.")
        {
            SharesCreateCommand.Create(),
            SharesCombineCommand.Create(),
            SharesTestCommand.Create(),
        };

    public static Argument<string[]> NewFilesArgument() =>
        new("files")
        {
            Description = "Files that hold the shares, one or more in each; /dev/stdin to type them.",
            Arity = ArgumentArity.OneOrMore,
        };

    /// <summary>Every share in the files; what else stands there is passed over.</summary>
    public static async Task<IReadOnlyList<RecoveryShare>> ReadAsync(
        Session session,
        IReadOnlyList<string> files,
        CancellationToken cancellationToken
    )
    {
        List<RecoveryShare> shares = [];
        foreach (var file in files)
        {
            var source = new Core.Plans.SecretSource.FromFile(session.AbsolutePath(file));
            var text = (await session.ReadSecretAsync(source, cancellationToken)).ToText();
            shares.AddRange(RecoveryShare.FindAll(text, file));
        }
        return shares;
    }
}
