using System.Text;
using Resurgam.Adapters.Stores;

namespace Resurgam.Adapters.Secrets;

/// <summary>Writes a secret where its owner alone can read it.</summary>
public static class SecretFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a folder for such files, of mode 700; one that is there is left as it is.</summary>
    /// <param name="path">Absolute.</param>
    /// <returns>The path.</returns>
    /// <exception cref="Core.Problems.ResurgamException"><c>secret-file-failed</c></exception>
    public static string MakeFolder(string path)
    {
        try
        {
            return Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecretProblems.FileNotWritten(path, e);
        }
    }

    /// <summary>Creates the file, of mode 600; what is there is never overwritten. Durable when it returns.</summary>
    /// <param name="path">Absolute.</param>
    /// <exception cref="Core.Problems.ResurgamException"><c>secret-file-exists</c>, <c>secret-file-failed</c>.</exception>
    public static async Task WriteNewAsync(string path, string text, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
            throw SecretProblems.FileExists(path);
        try
        {
            FileStreamOptions options = new()
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = OwnerOnly,
            };
            await using (FileStream file = new(path, options))
            {
                await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
                await file.FlushAsync(cancellationToken);
                RandomAccess.FlushToDisk(file.SafeFileHandle);
            }
            DirectorySync.Flush(Path.GetDirectoryName(path) ?? "/");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecretProblems.FileNotWritten(path, e);
        }
    }
}
