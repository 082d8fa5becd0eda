using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Resurgam.Core.Vaults.Sealing;

/// <summary>An AES key, expanded once for the processor's AES instructions. Immutable.</summary>
/// <remarks>
/// Source: FIPS 197 section 5.2, with AESKEYGENASSIST doing the S-box, so that no table is looked up by secret bytes.
/// </remarks>
internal sealed class AesRoundKeys
{
    private readonly Vector128<byte>[] _keys;

    private AesRoundKeys(Vector128<byte>[] keys) => _keys = keys;

    /// <summary>Whether this processor has what <see cref="Expand128"/> and its users need.</summary>
    public static bool AreSupported => X86Aes.IsSupported && Ssse3.IsSupported;

    /// <summary>Eleven keys for AES-128, fifteen for AES-256.</summary>
    public ReadOnlySpan<Vector128<byte>> Keys => _keys;

    /// <param name="key">16 bytes.</param>
    public static AesRoundKeys Expand128(ReadOnlySpan<byte> key)
    {
        var keys = new Vector128<byte>[11];
        keys[0] = Vector128.Create(key);
        keys[1] = Step(keys[0], High(X86Aes.KeygenAssist(keys[0], 0x01)));
        keys[2] = Step(keys[1], High(X86Aes.KeygenAssist(keys[1], 0x02)));
        keys[3] = Step(keys[2], High(X86Aes.KeygenAssist(keys[2], 0x04)));
        keys[4] = Step(keys[3], High(X86Aes.KeygenAssist(keys[3], 0x08)));
        keys[5] = Step(keys[4], High(X86Aes.KeygenAssist(keys[4], 0x10)));
        keys[6] = Step(keys[5], High(X86Aes.KeygenAssist(keys[5], 0x20)));
        keys[7] = Step(keys[6], High(X86Aes.KeygenAssist(keys[6], 0x40)));
        keys[8] = Step(keys[7], High(X86Aes.KeygenAssist(keys[7], 0x80)));
        keys[9] = Step(keys[8], High(X86Aes.KeygenAssist(keys[8], 0x1B)));
        keys[10] = Step(keys[9], High(X86Aes.KeygenAssist(keys[9], 0x36)));
        return new AesRoundKeys(keys);
    }

    /// <param name="key">32 bytes.</param>
    public static AesRoundKeys Expand256(ReadOnlySpan<byte> key)
    {
        var keys = new Vector128<byte>[15];
        keys[0] = Vector128.Create(key[..16]);
        keys[1] = Vector128.Create(key[16..]);
        keys[2] = Step(keys[0], High(X86Aes.KeygenAssist(keys[1], 0x01)));
        keys[3] = Step(keys[1], Third(X86Aes.KeygenAssist(keys[2], 0x00)));
        keys[4] = Step(keys[2], High(X86Aes.KeygenAssist(keys[3], 0x02)));
        keys[5] = Step(keys[3], Third(X86Aes.KeygenAssist(keys[4], 0x00)));
        keys[6] = Step(keys[4], High(X86Aes.KeygenAssist(keys[5], 0x04)));
        keys[7] = Step(keys[5], Third(X86Aes.KeygenAssist(keys[6], 0x00)));
        keys[8] = Step(keys[6], High(X86Aes.KeygenAssist(keys[7], 0x08)));
        keys[9] = Step(keys[7], Third(X86Aes.KeygenAssist(keys[8], 0x00)));
        keys[10] = Step(keys[8], High(X86Aes.KeygenAssist(keys[9], 0x10)));
        keys[11] = Step(keys[9], Third(X86Aes.KeygenAssist(keys[10], 0x00)));
        keys[12] = Step(keys[10], High(X86Aes.KeygenAssist(keys[11], 0x20)));
        keys[13] = Step(keys[11], Third(X86Aes.KeygenAssist(keys[12], 0x00)));
        keys[14] = Step(keys[12], High(X86Aes.KeygenAssist(keys[13], 0x40)));
        return new AesRoundKeys(keys);
    }

    /// <summary>One block through the cipher.</summary>
    public Vector128<byte> Encrypt(Vector128<byte> block)
    {
        block ^= _keys[0];
        for (var round = 1; round < _keys.Length - 1; round++)
            block = X86Aes.Encrypt(block, _keys[round]);
        return X86Aes.EncryptLast(block, _keys[^1]);
    }

    /// <summary>Each word becomes the exclusive or of itself, all words before it and the assisted word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Step(Vector128<byte> before, Vector128<byte> assisted)
    {
        before ^= Sse2.ShiftLeftLogical128BitLane(before, 4);
        before ^= Sse2.ShiftLeftLogical128BitLane(before, 8);
        return before ^ assisted;
    }

    /// <summary>The rotated, substituted last word with its round constant, in every place.</summary>
    private static Vector128<byte> High(Vector128<byte> assist) => Sse2.Shuffle(assist.AsInt32(), 0xFF).AsByte();

    /// <summary>The substituted last word without rotation, in every place (AES-256's odd steps).</summary>
    private static Vector128<byte> Third(Vector128<byte> assist) => Sse2.Shuffle(assist.AsInt32(), 0xAA).AsByte();
}
