using System.Diagnostics;
using Resurgam.Core.Plans;

namespace Resurgam.Plans;

/// <summary>What <c>plan show</c> tells of an asset: a case and a file a kind.</summary>
internal static class AssetRows
{
    extension(TextWriter text)
    {
        public void WriteRow(string name, string value) => text.WriteLine($"{name, -11}{value}");

        /// <summary>Nothing for what the plan does not say.</summary>
        public void WriteFilled(string name, string? value)
        {
            if (value is { Length: > 0 })
                text.WriteRow(name, value);
        }
    }

    public static void Write(TextWriter text, Asset asset)
    {
        text.WriteLine();
        text.WriteRow("asset", $"{asset.Id} ({asset.Kind})");
        text.WriteFilled("about", asset.About);
        text.WriteFilled("promises", LifeRows.WordsOf(new Objectives(asset.Rto, asset.Rpo)));
        switch (asset)
        {
            case Asset.Postgres postgres:
                PostgresRows.Write(text, postgres);
                break;
            case Asset.LogicalPostgres logical:
                PostgresRows.Write(text, logical);
                break;
            case Asset.Redis redis:
                RedisRows.Write(text, redis);
                break;
            case Asset.Kubernetes cluster:
                KubernetesRows.Write(text, cluster);
                break;
            case Asset.Files files:
                FilesRows.Write(text, files);
                break;
            case Asset.Git git:
                GitRows.Write(text, git);
                break;
            case Asset.Secret secret:
                text.WriteRow("from", secret.From.ToString());
                break;
            default:
                throw new UnreachableException($"no text is written for {asset.Kind}");
        }
    }
}
