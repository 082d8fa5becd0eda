using System.Security.Cryptography;
using System.Text;
using Resurgam.Adapters.Stores;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Ledgers;

/// <summary>This machine's signing key: a PKCS#8 PEM file of mode 600, one for each vault. Lost, it is made anew.</summary>
public static class NodeKeyFile
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Opens the key, or makes one. Of several makers at once one wins, and all use its key.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="entropy">For the file's temporary name alone; the key is from the base library.</param>
    /// <exception cref="Core.Problems.ResurgamException"><c>ledger-key-unreadable</c>, <c>ledger-key-open</c>.</exception>
    public static EcdsaSigner Open(string path, IEntropy entropy)
    {
        try
        {
            if (!File.Exists(path))
                Make(path, entropy);
            return Read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NodeKeyProblems.Unreadable(path, e);
        }
    }

    private static EcdsaSigner Read(string path)
    {
        using var file = File.OpenRead(path);
        var mode = File.GetUnixFileMode(file.SafeFileHandle);
        if ((mode & Others) != 0)
            throw NodeKeyProblems.Open(path, mode);
        using StreamReader reader = new(file, Encoding.ASCII);
        var pair = ECDsa.Create();
        try
        {
            pair.ImportFromPem(reader.ReadToEnd());
            return new EcdsaSigner(pair);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            pair.Dispose();
            throw NodeKeyProblems.Unreadable(path, e);
        }
    }

    private static void Make(string path, IEntropy entropy)
    {
        var folder = Path.GetDirectoryName(path) ?? "/";
        Directory.CreateDirectory(folder, FolderMode);
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Span<byte> unique = stackalloc byte[8];
        entropy.Fill(unique);
        var temporary = $"{path}.{Convert.ToHexStringLower(unique)}";
        var isMoved = false;
        try
        {
            using (
                var file = new FileStream(
                    temporary,
                    new FileStreamOptions
                    {
                        Mode = System.IO.FileMode.CreateNew,
                        Access = FileAccess.Write,
                        UnixCreateMode = FileMode,
                    }
                )
            )
            {
                file.Write(Encoding.ASCII.GetBytes(pair.ExportPkcs8PrivateKeyPem() + "\n"));
                file.Flush(flushToDisk: true);
            }
            isMoved = AtomicMove.WithoutReplacing(temporary, path);
            DirectorySync.Flush(folder);
        }
        finally
        {
            if (!isMoved)
                File.Delete(temporary);
        }
    }
}
