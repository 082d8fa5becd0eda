using Resurgam.Cli;

namespace Resurgam.Verifications;

/// <summary>One verification of an asset at a time on this machine: they restore into the same folder.</summary>
internal static class VerifySeat
{
    /// <summary>EAGAIN: somebody else has the file.</summary>
    private const int Taken = 11;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits until nobody has it.</summary>
    /// <param name="folder">Of the asset's verifications.</param>
    /// <returns>Held until it is disposed of, or the process is gone.</returns>
    public static async Task<IAsyncDisposable> TakeAsync(
        Session session,
        string folder,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder) ?? "/");
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                return new FileStream($"{folder}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e.HResult == Taken)
            {
                if (isFirst)
                    session.Progress.Stage("waiting for another verification of it");
                await Task.Delay(BetweenTries, session.Time, cancellationToken);
            }
        }
    }
}
