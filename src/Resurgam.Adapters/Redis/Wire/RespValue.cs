using System.Text;

namespace Resurgam.Adapters.Redis.Wire;

/// <summary>An answer of a server, in the second version of its protocol. Closed.</summary>
public abstract record RespValue
{
    private RespValue() { }

    /// <summary>Text as it is shown to people; empty for lists and for nothing.</summary>
    public virtual string AsText => "";

    /// <summary>A short text without line breaks.</summary>
    public sealed record Line(string Text) : RespValue
    {
        public override string AsText => Text;
    }

    /// <param name="Text">Begins with a word in capitals that says of what kind it is.</param>
    public sealed record Refusal(string Text) : RespValue;

    public sealed record Number(long Value) : RespValue
    {
        public override string AsText => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <param name="Value">Null: there is nothing of that name.</param>
    public sealed record Bytes(byte[]? Value) : RespValue
    {
        public override string AsText => Value is null ? "" : Encoding.UTF8.GetString(Value);
    }

    public sealed record List(IReadOnlyList<RespValue> Items) : RespValue;
}
