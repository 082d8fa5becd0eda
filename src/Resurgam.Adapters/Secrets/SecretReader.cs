using System.Text;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Secrets;

/// <summary>Fetches a secret from where the plan says it is.</summary>
/// <param name="runner">For secrets that a command prints.</param>
/// <param name="variable">Environment variables; null or empty when not set.</param>
public sealed class SecretReader(ProcessRunner runner, Func<string, string?> variable)
{
    /// <summary>A vault secret is a passphrase or 32 bytes; a key file of another program is a few kilobytes.</summary>
    private const int MaxLengthBytes = 64 << 10;

    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(30);

    /// <returns>The bytes as they are, without one line break at the end of a file's or a command's.</returns>
    /// <exception cref="ResurgamException"><c>secret-*</c>; never with the secret in it.</exception>
    public async Task<SecretBytes> ReadAsync(SecretSource source, CancellationToken cancellationToken)
    {
        var bytes = source switch
        {
            SecretSource.FromEnvironment(var name) => ReadVariable(name),
            SecretSource.FromFile(var path) => await ReadFileAsync(path, cancellationToken),
            SecretSource.FromCommand(var argv) => await ReadCommandAsync(argv, cancellationToken),
            _ => throw new System.Diagnostics.UnreachableException($"no reading is written for {source}"),
        };
        return bytes.Length == 0 ? throw SecretProblems.Empty(source) : new SecretBytes(bytes);
    }

    private byte[] ReadVariable(string name) =>
        variable(name) is { Length: > 0 } text ? Encoding.UTF8.GetBytes(text) : throw SecretProblems.NoVariable(name);

    private static async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            // The mode and the bytes come from one open file: nobody can put another in between.
            await using var file = File.OpenRead(path);
            var mode = File.GetUnixFileMode(file.SafeFileHandle);
            if ((mode & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
                throw SecretProblems.OpenToAll(path, mode);
            var buffer = new byte[MaxLengthBytes + 1];
            var length = await file.ReadAtLeastAsync(
                buffer,
                buffer.Length,
                throwOnEndOfStream: false,
                cancellationToken
            );
            return length > MaxLengthBytes
                ? throw SecretProblems.TooLong($"file {path}")
                : Trim(buffer.AsSpan(0, length));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw SecretProblems.NoFile(path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecretProblems.Unreadable(path, e);
        }
    }

    private async Task<byte[]> ReadCommandAsync(ValueList<string> argv, CancellationToken cancellationToken)
    {
        var request = new ProcessRequest
        {
            Program = argv[0],
            Arguments = [.. argv.Skip(1)],
            SharesError = true,
            Timeout = CommandTimeout,
            MaxOutputBytes = MaxLengthBytes,
        };
        try
        {
            var result = await runner.RunWellAsync(request, cancellationToken);
            return result.IsCut ? throw SecretProblems.TooLong($"command {argv[0]}") : Trim(result.Output.Span);
        }
        catch (ResurgamException e) when (e.Problem.Code.StartsWith("process-", StringComparison.Ordinal))
        {
            throw SecretProblems.CommandFailed(e);
        }
    }

    /// <summary>Editors and <c>echo</c> end a file with a line break that is no part of the secret.</summary>
    private static byte[] Trim(ReadOnlySpan<byte> bytes)
    {
        if (bytes.EndsWith("\r\n"u8))
            return bytes[..^2].ToArray();
        return (bytes.EndsWith("\n"u8) ? bytes[..^1] : bytes).ToArray();
    }
}
