using Resurgam.Adapters.Files;
using Resurgam.Core.Vaults;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Recovery;

/// <summary>A feed with a socket in a folder that only the server's user may use, gone when it is disposed of.</summary>
public sealed class FeedFolder : IAsyncDisposable
{
    private readonly string _folder;
    private readonly WalFeed _feed;
    private readonly WalFeedServer _server;
    private readonly (uint User, uint Group)? _owner;

    private FeedFolder(string folder, WalFeed feed, WalFeedServer server, (uint User, uint Group)? owner) =>
        (_folder, _feed, _server, _owner) = (folder, feed, server, owner);

    /// <inheritdoc cref="WalFeed.Missing"/>
    public MissingWal? Missing => _feed.Missing;

    public string SocketPath => Path.Combine(_folder, "feed");

    /// <param name="dataDirectory">Of the server that recovers; it need not be there yet.</param>
    /// <param name="owner">Whose server it is; null: ours.</param>
    public static FeedFolder Create(
        WalArchive archive,
        int segmentBytes,
        string dataDirectory,
        (uint User, uint Group)? owner,
        IEntropy entropy,
        TimeProvider time
    )
    {
        Span<byte> unique = stackalloc byte[8];
        entropy.Fill(unique);
        // Short: a socket's path has 107 bytes.
        var folder = Path.Combine(Path.GetTempPath(), $"resurgam-{Convert.ToHexStringLower(unique)}");
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(folder, mode);
        AheadFolder ahead = new(Path.Combine(dataDirectory, "pg_wal"), owner);
        WalFeed feed = new(archive, segmentBytes, ahead, time);
        var server = WalFeedServer.Start(feed, Path.Combine(folder, "feed"), time);
        if (owner is { } to)
        {
            FileMetadata.ChangeOwner(Path.Combine(folder, "feed"), to);
            FileMetadata.ChangeOwner(folder, to);
        }
        return new FeedFolder(folder, feed, server, owner);
    }

    /// <summary>The server's <c>restore_command</c>.</summary>
    /// <param name="program">This program's own path.</param>
    public string RestoreCommand(string program) =>
        $"\"{ReachableProgram.Of(program, _owner, _folder)}\" wal fetch --socket \"{SocketPath}\" %f \"%p\"";

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
