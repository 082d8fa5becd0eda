using Resurgam.Core.Vaults;

namespace Resurgam.Demo;

/// <summary>What nobody else shall know: made by chance, kept in a file of its owner alone.</summary>
internal static class DemoSecret
{
    public static string Make(IEntropy entropy, int lengthBytes)
    {
        var bytes = new byte[lengthBytes];
        entropy.Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    public static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(path, text, cancellationToken);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
