namespace Resurgam.Core.Vaults;

/// <summary>Unpredictable bytes for keys, initialisation vectors and ids. Thread-safe.</summary>
/// <remarks>A test passes a seeded one, so that a whole vault is a function of its seed.</remarks>
public interface IEntropy
{
    void Fill(Span<byte> bytes);
}
