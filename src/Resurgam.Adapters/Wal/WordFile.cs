using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Resurgam.Adapters.Wal;

/// <summary>A small file by which a process tells how it is, once a second, also on a disk that is full.</summary>
internal static class WordFile
{
    /// <summary>A reader sees a word half written at most where the disk is full; the later attempts are a millisecond apart.</summary>
    private const int ReadAttempts = 50;

    /// <exception cref="IOException">The disk fails, or was full before there was a first word.</exception>
    public static void Write<T>(string path, T word, JsonTypeInfo<T> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(word, type);
        var temporary = path + ".tmp";
        try
        {
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        catch (IOException) when (File.Exists(path))
        {
            WriteInPlace(path, bytes);
        }
    }

    /// <returns>Null when there is none, or one that stays half written: its writer, or the power, went away in the middle.</returns>
    public static T? Find<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        SpinWait pause = default;
        for (var attempt = 0; attempt < ReadAttempts; attempt++)
        {
            try
            {
                return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), type) : null;
            }
            catch (JsonException)
            {
                pause.SpinOnce(); // it is being written in place
            }
        }
        return null;
    }

    /// <summary>The blocks of the word before are there, and words are of about the same length.</summary>
    private static void WriteInPlace(string path, byte[] bytes)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, bytes, 0);
        RandomAccess.SetLength(file, bytes.Length);
    }
}
