using Resurgam.Core.Plans.Sections;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>What every asset has, whatever its kind.</summary>
internal static class AssetKeys
{
    public const string FilesExample = "{ kind: files, path: /srv/uploads }";

    /// <summary>In the order of the reference. A new kind is a line here and one in <see cref="AssetKinds.All"/>.</summary>
    public static readonly IReadOnlyList<string> KindNames =
    [
        Asset.Postgres.KindName,
        Asset.Redis.KindName,
        Asset.Kubernetes.KindName,
        Asset.Files.KindName,
        Asset.Git.KindName,
        Asset.Secret.KindName,
    ];

    public static readonly PlanKey<string> Kind = new("kind", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "postgres",
        About = $"What the asset is; it decides the other keys: {InWords(KindNames)}.",
    };

    public static readonly PlanKey<string?> About = OptionalKey.Text(
        "about",
        "'Users, patients, audit log.'",
        "What is in it, for people."
    );

    public static readonly PlanKey<TimeSpan?> Rpo = OptionalKey.Loss(
        "rpo",
        "1h",
        "Most data that may be lost, as time."
    );

    public static readonly PlanKey<TimeSpan?> Rto = OptionalKey.Span("rto", "2h", "Longest until it is back.");

    public static readonly PlanKey<string?> FailureDomain = OptionalKey.Text(
        "failure-domain",
        "eu-central-1",
        "What is lost together with it, in your words: a region, a site, an account. `plan check` compares it with that of the vault."
    );

    /// <summary>The keys of one kind, with those that every asset has.</summary>
    public static PlanSection SectionOf(string kind, string about, IReadOnlyList<PlanKey> keys) =>
        new($"assets.NAME (kind: {kind})", about, [Kind, About, .. keys, Rpo, Rto, FailureDomain]);

    private static string InWords(IReadOnlyList<string> names) =>
        $"{string.Join(", ", names.SkipLast(1).Select(name => $"`{name}`"))} or `{names[^1]}`";
}
