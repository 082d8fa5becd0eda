namespace Resurgam.Adapters.Kubernetes.Wire;

/// <summary>Which cluster, and as whom.</summary>
public sealed record ConnectionSettings
{
    /// <summary>Absolute path of a kubeconfig file. Null: as kubectl finds it, or from inside of a pod its service account.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Null: the file's current one.</summary>
    public string? Context { get; init; }

    /// <summary>Reads a variable of the environment.</summary>
    public required Func<string, string?> FindVariable { get; init; }
}
