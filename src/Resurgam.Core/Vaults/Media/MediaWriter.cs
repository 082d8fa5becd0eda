using System.Buffers;
using System.Text;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Core.Wal;

namespace Resurgam.Core.Vaults.Media;

/// <summary>Writes the volumes of a set, byte for byte what the vault has, without its secret.</summary>
public sealed class MediaWriter(IStore source, MediaSet set, IWorkProgress progress)
{
    private readonly HashSet<string> _planned = new(
        set.Common.Concat(set.Volumes.SelectMany(volume => volume)).Select(item => item.Key),
        StringComparer.Ordinal
    );

    /// <summary>The same on every volume.</summary>
    private readonly byte[] _catalogue = Encoding.ASCII.GetBytes(set.Catalogue());

    /// <param name="number">From 1.</param>
    /// <param name="output">Written once from its start to its end.</param>
    /// <exception cref="Problems.ResurgamException">The store's own.</exception>
    /// <exception cref="IOException">The volume takes no more.</exception>
    public async Task<MediaVolume> WriteAsync(int number, Stream output, CancellationToken cancellationToken)
    {
        progress.Stage($"writing volume {number} of {set.Volumes.Count}");
        var items = set.Volumes[number - 1];
        progress.Expect(items.Sum(item => item.LengthBytes));
        using VolumeWriter writer = new(output, set.BegunAt);
        await writer.AddAsync(MediaLabel.FileName, MediaLabel.For(set, number).Write(), cancellationToken);
        await writer.AddAsync(MediaGuide.FileName, MediaGuide.Utf8, cancellationToken);
        await writer.AddAsync(MediaLabel.CatalogueName, _catalogue, cancellationToken);
        Written written = new(writer);
        foreach (var item in set.Common.Concat(items))
            await CopyAsync(item, written, cancellationToken);
        foreach (var key in written.Vanished.ToList())
            await ReplaceAsync(key, written, cancellationToken);
        MediaEnd end = new(set.Id, number, written.Vanished, written.Added, written.Damaged);
        await writer.AddAsync(MediaLabel.EndName, end.Write(), cancellationToken);
        var digest = await writer.EndAsync(cancellationToken);
        return new MediaVolume(number, written.Objects, writer.LengthBytes, digest, written.Lost, written.Damaged);
    }

    private async Task CopyAsync(StoreObject item, Written written, CancellationToken cancellationToken)
    {
        var length = checked((int)item.LengthBytes);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        try
        {
            var bytes = buffer.AsMemory(0, length);
            var read = await source.ReadAsync(item.Key, 0, bytes, cancellationToken);
            if (read < 0)
            {
                written.Vanished.Add(item.Key);
                return;
            }
            if (read < length || VaultObject.IsNamedOtherwise(item.Key, bytes.Span))
            {
                written.Damaged.Add(item.Key);
                return;
            }
            await written.Writer.AddAsync(MediaLabel.ObjectPrefix + item.Key, bytes, cancellationToken);
            written.Objects++;
            progress.Add(length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>WAL was merged, or the ledger was: what holds it now has another name in the same place.</summary>
    private async Task ReplaceAsync(string key, Written written, CancellationToken cancellationToken)
    {
        var isReplaced = false;
        await foreach (var item in source.ListAsync(NeighboursOf(key), cancellationToken))
        {
            if (_planned.Contains(item.Key))
                continue;
            var most = set.VolumeBytes - VolumeWriter.RoomOfEnd - VolumeWriter.RoomOf(MediaEndBytes(written));
            if (written.Writer.LengthBytes + VolumeWriter.RoomOf(item.LengthBytes) > most)
                continue;
            var objects = written.Objects;
            await CopyAsync(item, written, cancellationToken);
            if (written.Objects == objects)
                continue;
            written.Added.Add(item.Key);
            _planned.Add(item.Key);
            isReplaced = true;
        }
        if (
            !isReplaced
            && !IsExpired(key)
            && !written.Added.Exists(added => added.StartsWith(NeighboursOf(key), StringComparison.Ordinal))
        )
            written.Lost.Add(key);

        static int MediaEndBytes(Written written) =>
            1024 + written.Vanished.Concat(written.Added).Concat(written.Damaged).Sum(each => each.Length + 8);
        bool IsExpired(string gone) => VaultObject.PartOfVault(gone) is not (VaultPart.Wal or VaultPart.Ledger);
    }

    private static string NeighboursOf(string key) =>
        VaultObject.TryWalName(key, out var folder, out var name)
            ? folder + WalObjectName.WindowPrefix(name.Timeline, name.Start)
            : key[..(key.LastIndexOf('/') + 1)];

    private sealed class Written(VolumeWriter writer)
    {
        public VolumeWriter Writer => writer;

        public int Objects { get; set; }

        public List<string> Vanished { get; } = [];

        public List<string> Added { get; } = [];

        public List<string> Damaged { get; } = [];

        /// <summary>Vanished, and what took their place found no room.</summary>
        public List<string> Lost { get; } = [];
    }
}

/// <summary>A volume that was written.</summary>
/// <param name="Sha256">Of all its bytes.</param>
/// <param name="Lost">Keys of objects that were merged meanwhile, and whose place nothing took: another set has them.</param>
/// <param name="Damaged">Keys of objects that the vault has damaged: they were left out.</param>
public sealed record MediaVolume(
    int Number,
    int Objects,
    long LengthBytes,
    BlobId Sha256,
    IReadOnlyList<string> Lost,
    IReadOnlyList<string> Damaged
);
