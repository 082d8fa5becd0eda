using System.Globalization;
using Resurgam.Adapters.Redis.Wire;

namespace Resurgam.Adapters.Redis.Capture;

/// <summary>What a server says of itself before it is captured.</summary>
internal sealed record ServerFacts
{
    private const string DefaultAppendFolder = "appendonlydir";
    private const string DefaultAppendFile = "appendonly.aof";
    private const string DefaultDumpFile = "dump.rdb";

    /// <summary><c>redis</c> or <c>valkey</c>.</summary>
    public required string Program { get; init; }

    /// <summary><c>7.0.15</c></summary>
    public required string Version { get; init; }

    public required bool IsReplica { get; init; }
    public required bool IsClusterNode { get; init; }
    public required bool HasAppendOnly { get; init; }

    /// <summary>Names as the server has them; the usual ones where it does not tell.</summary>
    public required string DumpFile { get; init; }

    public required string AppendFile { get; init; }
    public required string AppendFolder { get; init; }

    /// <summary>7 for 7.0.15.</summary>
    public int MajorVersion =>
        int.TryParse(Version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : 0;

    /// <exception cref="Core.Problems.ResurgamException">It is not ready to be read.</exception>
    public static async Task<ServerFacts> ReadAsync(
        RedisConnection session,
        string asset,
        CancellationToken cancellationToken
    )
    {
        var info = await session.ReadInfoAsync(cancellationToken);
        if (info.GetValueOrDefault("redis_mode") == "sentinel")
            throw CaptureProblems.Sentinel(asset, session.Server);
        if (info.GetValueOrDefault("loading") == "1")
            throw RedisProblems.FromServer(session.Server, "INFO", "LOADING it reads its data into memory");
        return new ServerFacts
        {
            Program = info.ContainsKey("valkey_version") ? "valkey" : "redis",
            Version = info.GetValueOrDefault("valkey_version") ?? info.GetValueOrDefault("redis_version") ?? "unknown",
            IsReplica = info.GetValueOrDefault("role") == "slave",
            IsClusterNode = info.GetValueOrDefault("cluster_enabled") == "1",
            HasAppendOnly = info.GetValueOrDefault("aof_enabled") == "1",
            DumpFile = await ReadNameAsync(session, "dbfilename", DefaultDumpFile, cancellationToken),
            AppendFile = await ReadNameAsync(session, "appendfilename", DefaultAppendFile, cancellationToken),
            AppendFolder = await ReadNameAsync(session, "appenddirname", DefaultAppendFolder, cancellationToken),
        };
    }

    /// <summary>A name of one file or folder: anything else could lead out of the restored folder.</summary>
    private static async Task<string> ReadNameAsync(
        RedisConnection session,
        string setting,
        string usual,
        CancellationToken cancellationToken
    ) =>
        await session.TryAskAsync(["CONFIG", "GET", setting], cancellationToken)
            is RespValue.List { Items: [_, RespValue.Bytes { AsText: { Length: > 0 } name }] }
        && !name.Contains('/')
        && name is not ("." or "..")
            ? name
            : usual;
}
