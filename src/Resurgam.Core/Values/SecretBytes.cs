using System.Text;

namespace Resurgam.Core.Values;

/// <summary>A secret that was read. It shows itself to nobody by accident: not in messages, logs or string interpolation.</summary>
public sealed class SecretBytes(byte[] bytes)
{
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>As text, for programs that take a passphrase.</summary>
    public string ToText() => Encoding.UTF8.GetString(bytes);

    public override string ToString() => "(secret)";
}
