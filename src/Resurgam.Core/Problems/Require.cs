using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Resurgam.Core.Problems;

/// <summary>Invariants that hold in release builds too. A broken one is a bug of ours: nothing catches it.</summary>
public static class Require
{
    /// <param name="condition">What must hold.</param>
    /// <param name="because">The invariant in words, for the person who reads the crash.</param>
    /// <exception cref="UnreachableException">The condition is false.</exception>
    public static void That([DoesNotReturnIf(false)] bool condition, string because)
    {
        if (!condition)
            throw new UnreachableException(because);
    }
}
