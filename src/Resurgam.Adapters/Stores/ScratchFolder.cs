using Microsoft.Win32.SafeHandles;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Stores;

/// <summary>Scratch files in a folder of the local disk, unlinked as soon as they are open.</summary>
public sealed class ScratchFolder(string folder, IEntropy entropy) : IScratch
{
    public IScratchFile Create()
    {
        Span<byte> unique = stackalloc byte[12];
        entropy.Fill(unique);
        var path = Path.Combine(folder, $"scratch-{Convert.ToHexStringLower(unique)}");
        try
        {
            Directory.CreateDirectory(folder);
            var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);
            File.Delete(path);
            return new ScratchFile(folder, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StateProblems.From(folder, "a scratch file", e);
        }
    }

    private sealed class ScratchFile(string folder, SafeFileHandle file) : IScratchFile
    {
        private long _length;

        public long LengthBytes => Interlocked.Read(ref _length);

        public long Append(ReadOnlySpan<byte> bytes)
        {
            var offset = Interlocked.Add(ref _length, bytes.Length) - bytes.Length;
            try
            {
                RandomAccess.Write(file, bytes, offset);
                return offset;
            }
            catch (IOException e)
            {
                throw StateProblems.From(folder, "scratch data", e);
            }
        }

        public void Read(long offset, Span<byte> buffer)
        {
            while (!buffer.IsEmpty)
            {
                var read = RandomAccess.Read(file, buffer, offset);
                Require.That(read > 0, "scratch is read only where it was written");
                buffer = buffer[read..];
                offset += read;
            }
        }

        public void Dispose() => file.Dispose();
    }
}
