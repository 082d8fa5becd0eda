namespace Resurgam.Core.Plans;

public abstract partial record Asset
{
    /// <summary>A key or password that other data cannot be read without. The plan never holds it.</summary>
    public sealed record Secret : Asset
    {
        public const string KindName = "secret";

        public override string Kind => KindName;

        public required SecretSource From { get; init; }
    }
}
