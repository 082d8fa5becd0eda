using Resurgam.Core.Assets;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

public abstract partial record Asset
{
    /// <summary>A folder and all below it.</summary>
    public sealed record Files : Asset
    {
        public const string KindName = "files";

        public override string Kind => KindName;

        /// <summary>Absolute path.</summary>
        public required string Path { get; init; }

        /// <summary>What stays out, each as in <see cref="ExcludePattern"/>.</summary>
        public ValueList<string> Exclude { get; init; } = [];
    }
}
