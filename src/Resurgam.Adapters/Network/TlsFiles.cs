using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Network;

/// <summary>Reads the PEM files that a client of TLS is told of.</summary>
/// <param name="wrong">Makes the problem of a file: the option that names it, its path, what is wrong with it, the cause.</param>
internal sealed class TlsFiles(Func<string, string, string, Exception?, ResurgamException> wrong)
{
    /// <summary>Certificates to trust; one at least.</summary>
    public X509Certificate2Collection ReadRoots(string option, string path)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw wrong(option, path, $"cannot be read: {cause.Message}", cause);
        }
        return roots.Count > 0 ? roots : throw wrong(option, path, "holds no certificate", null);
    }

    /// <summary>The client's certificate, then its issuers, and the unencrypted key to it.</summary>
    /// <param name="path">Null: none is shown.</param>
    /// <param name="keyPath">Null: the key is in the same file.</param>
    public SslStreamCertificateContext? ReadClientCertificate(
        string option,
        string? path,
        string keyOption,
        string? keyPath
    )
    {
        if (path is null)
            return null;
        var key = keyPath ?? path;
        try
        {
            RefuseOpenKey(keyOption, key);
            var certificate = X509Certificate2.CreateFromPemFile(path, key);
            var issuers = new X509Certificate2Collection();
            issuers.ImportFromPemFile(path);
            return SslStreamCertificateContext.Create(certificate, issuers, offline: true);
        }
        catch (Exception cause)
            when (cause is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw wrong(option, path, $"with key '{key}' cannot be used: {cause.Message}", cause);
        }
    }

    /// <summary>What lies behind a failed handshake, in the words of who noticed it.</summary>
    public static string ReasonOf(Exception cause)
    {
        while (cause.InnerException is { } inner)
            cause = inner;
        return cause.Message;
    }

    private void RefuseOpenKey(string option, string key)
    {
        // As libpq: the group may read, for keys that belong to root.
        const UnixFileMode others =
            UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(key) & others) != 0)
            throw wrong(option, key, "can be read or written by others", null);
    }
}
