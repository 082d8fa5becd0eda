using System.Globalization;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>Something that holds or does not, asked without changing anything. Closed.</summary>
public abstract record Condition
{
    private Condition() { }

    /// <summary>The target that is asked; null for a program on this machine.</summary>
    public virtual TargetId? Target => null;

    /// <summary>For people: a phrase without a full stop.</summary>
    public abstract string Describe();

    /// <summary>A query gives this value.</summary>
    public sealed record Sql : Condition
    {
        public required TargetId On { get; init; }

        /// <summary>One query that gives one value.</summary>
        public required string Query { get; init; }

        /// <summary>As text.</summary>
        public required string Expect { get; init; }

        public override TargetId? Target => On;

        public override string Describe() => $"{On} answers '{Expect}' to: {Query}";
    }

    /// <summary>A GET is answered with this status.</summary>
    public sealed record Http : Condition
    {
        public required TargetId On { get; init; }

        /// <summary>Begins with a slash.</summary>
        public required string Path { get; init; }

        public required int Status { get; init; }

        public override TargetId? Target => On;

        public override string Describe() =>
            string.Create(CultureInfo.InvariantCulture, $"{Path} of {On} answers {Status}");
    }

    /// <summary>A program ends with exit code 0.</summary>
    public sealed record Command : Condition
    {
        public required ValueList<string> Argv { get; init; }

        public override string Describe() => $"{string.Join(' ', Argv)} ends with 0";
    }
}
