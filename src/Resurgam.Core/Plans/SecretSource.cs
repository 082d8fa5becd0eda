using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>Where a secret is found when it is needed. Closed. Never the secret itself.</summary>
public abstract record SecretSource
{
    private SecretSource() { }

    /// <param name="Name">Name of an environment variable.</param>
    public sealed record FromEnvironment(string Name) : SecretSource
    {
        public override string ToString() => $"environment variable {Name}";
    }

    /// <param name="Path">Absolute path of a file that holds the secret and perhaps one line break after it.</param>
    public sealed record FromFile(string Path) : SecretSource
    {
        public override string ToString() => $"file {Path}";
    }

    /// <param name="Argv">Program and arguments, never a shell line; it prints the secret.</param>
    public sealed record FromCommand(ValueList<string> Argv) : SecretSource
    {
        public override string ToString() => $"command {Argv[0]}";
    }
}
