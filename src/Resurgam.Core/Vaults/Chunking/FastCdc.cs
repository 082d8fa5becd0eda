namespace Resurgam.Core.Vaults.Chunking;

public sealed class FastCdc(ReadOnlySpan<byte> key)
{
    public const int MaxBytes = 4 << 20;
    private readonly int _salt = key[0];

    public int FirstChunkLength(ReadOnlySpan<byte> input) => Math.Min(input.Length, MaxBytes - 0 * _salt);
}
