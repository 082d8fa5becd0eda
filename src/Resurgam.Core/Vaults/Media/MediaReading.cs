using System.Globalization;
using System.Text;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Replicas;

namespace Resurgam.Core.Vaults.Media;

/// <summary>Reads volumes in any order, checks every byte of them, and brings what is on them into a vault.</summary>
/// <remarks>What is there already is compared and left, so a reading that was cut off is done again at no risk.</remarks>
/// <param name="target">An empty place or a vault that has this one's id; null: the volumes are only checked.</param>
public sealed class MediaReading(IStore? target, IWorkProgress progress)
{
    /// <summary>What reading a volume leaves in the vault: its end, for readings of other volumes that come later.</summary>
    private const string NotesPrefix = "media/";

    private readonly SortedDictionary<string, KnownSet> _sets = new(StringComparer.Ordinal);
    private string? _vaultId;

    /// <param name="name">The volume's, for messages.</param>
    /// <param name="input">Read from where it stands to its end.</param>
    /// <param name="cancellationToken">Stops it between two objects.</param>
    /// <exception cref="Problems.ResurgamException">
    /// <c>media-no-volume</c>, <c>media-other-vault</c>, <c>media-target-refused</c>, <c>media-newer-format</c>; or the target's own.
    /// </exception>
    public async Task<MediaVolumeReport> ReadAsync(string name, Stream input, CancellationToken cancellationToken)
    {
        progress.Stage($"reading {name}");
        using VolumeReader reader = new(input);
        VolumeState state = new(name);
        await foreach (var member in reader.ReadAsync(cancellationToken))
        {
            progress.Add(member.Bytes.Length);
            await TakeAsync(member, state, cancellationToken);
        }
        if (state.Label is null && state.Objects == 0)
            throw MediaProblems.NoVolume(name, reader.LengthBytes);
        if (state.Label is { } label)
            SetOf(label).Read(label.Number, reader.IsWhole && state.Faults.Count == 0);
        await NoteAsync(state, cancellationToken);
        return new MediaVolumeReport(
            name,
            state.Label,
            state.Objects,
            state.Brought,
            reader.LengthBytes,
            reader.TakeDigest(),
            state.Faults
        );
    }

    /// <summary>What is still needed of every set that a volume was seen of.</summary>
    public async Task<IReadOnlyList<MediaSetReport>> ReportAsync(CancellationToken cancellationToken)
    {
        HashSet<string> there = new(StringComparer.Ordinal);
        if (target is not null)
            await foreach (var item in target.ListAsync("", cancellationToken))
                there.Add(item.Key);
        List<MediaSetReport> reports = [];
        foreach (var set in _sets.Values)
        {
            if (target is not null)
                await ReadNotesAsync(set, cancellationToken);
            reports.Add(set.Report(target is null ? null : there));
        }
        return reports;
    }

    private async Task TakeAsync(VolumeMember member, VolumeState state, CancellationToken cancellationToken)
    {
        var key =
            member.Name is { } name && name.StartsWith(MediaLabel.ObjectPrefix, StringComparison.Ordinal)
                ? name[MediaLabel.ObjectPrefix.Length..]
                : null;
        if (member.Fault is { } fault && !(key is not null && IsNamedSo(key, member.Bytes.Span)))
        {
            state.Faults.Add(new MediaFault(key ?? member.Name, fault));
            return;
        }
        switch (member.Name)
        {
            case MediaLabel.FileName:
                await TakeLabelAsync(member, state, cancellationToken);
                break;
            case MediaLabel.CatalogueName when state.Label is { } label:
                SetOf(label).Catalogue ??= CatalogueOf(Encoding.ASCII.GetString(member.Bytes.Span));
                break;
            case MediaLabel.EndName:
                state.End = MediaEnd.Read(member.Bytes.Span);
                break;
            case not null when key is not null && StoreKey.IsValid(key):
                await TakeObjectAsync(key, member.Bytes, state, cancellationToken);
                break;
        }
    }

    private async Task TakeLabelAsync(VolumeMember member, VolumeState state, CancellationToken cancellationToken)
    {
        if (MediaLabel.Read(member.Bytes.Span, state.Name) is not { } label)
        {
            state.Faults.Add(new MediaFault(MediaLabel.FileName, "it is no label"));
            return;
        }
        await RequireVaultAsync(label.Vault, state.Name, cancellationToken);
        state.Label = label;
        SetOf(label);
    }

    /// <summary>Nothing is ever mixed with another vault, or with anything else.</summary>
    private async Task RequireVaultAsync(string id, string volume, CancellationToken cancellationToken)
    {
        if (_vaultId is null && target is not null)
        {
            if (await Vault.FindDescriptorAsync(target, cancellationToken) is { } descriptor)
                _vaultId = descriptor.Id;
            else
                await foreach (var item in target.ListAsync("", cancellationToken))
                    throw MediaProblems.TargetNotEmpty(target.Name, item.Key);
        }
        if (_vaultId is { } known && known != id)
            throw MediaProblems.OtherVault(volume, id, known);
        _vaultId = id;
    }

    private async Task TakeObjectAsync(
        string key,
        ReadOnlyMemory<byte> bytes,
        VolumeState state,
        CancellationToken cancellationToken
    )
    {
        // Without a label nobody knows whose it is: only into a vault that another volume has named.
        if (target is not null && _vaultId is null)
        {
            state.Faults.Add(
                new MediaFault(key, "the volume's label is lost: read another volume of the set before it")
            );
            return;
        }
        state.Objects++;
        if (target is null)
            return;
        if (await target.PutAsync(key, bytes, cancellationToken))
            state.Brought++;
        else if (
            await target.FindAsync(key, cancellationToken) is { } there
            && !there.AsSpan().SequenceEqual(bytes.Span)
        )
            state.Faults.Add(new MediaFault(key, $"{target.Name} has other bytes under that name: they were left"));
    }

    private async Task NoteAsync(VolumeState state, CancellationToken cancellationToken)
    {
        if (target is null || state.End is not { } end || state.Label is not { } label || end.Set != label.Set)
            return;
        SetOf(label).Vanished.UnionWith(end.Vanished);
        await target.PutAsync(NoteKey(end.Set, end.Number), end.Write(), cancellationToken);
    }

    private async Task ReadNotesAsync(KnownSet set, CancellationToken cancellationToken)
    {
        Require.That(target is not null, "notes are in the target");
        for (var number = 1; number <= set.Label.Of; number++)
            if (
                await target.FindAsync(NoteKey(set.Label.Set, number), cancellationToken) is { } note
                && MediaEnd.Read(note) is { } end
            )
                set.Vanished.UnionWith(end.Vanished);
    }

    private static string NoteKey(string set, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{NotesPrefix}{set}/{number:D4}.json");

    /// <summary>The name itself is a checksum that can vouch for the bytes.</summary>
    private static bool IsNamedSo(string key, ReadOnlySpan<byte> bytes) =>
        StoreKey.IsValid(key) && VaultObject.TryNamedHash(key, out var hash) && BlobId.Of(bytes) == hash;

    private KnownSet SetOf(MediaLabel label)
    {
        if (!_sets.TryGetValue(label.Set, out var set))
            _sets.Add(label.Set, set = new KnownSet(label));
        return set;
    }

    private static List<(int Number, string Key)> CatalogueOf(string text) =>
        [
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('\t'))
                .Where(fields => fields.Length == 3)
                .Select(fields => (int.Parse(fields[0], CultureInfo.InvariantCulture), fields[2])),
        ];

    private sealed class VolumeState(string name)
    {
        public string Name => name;

        public MediaLabel? Label { get; set; }

        public MediaEnd? End { get; set; }

        public int Objects { get; set; }

        public int Brought { get; set; }

        public List<MediaFault> Faults { get; } = [];
    }

    private sealed class KnownSet(MediaLabel label)
    {
        private readonly SortedSet<int> _seen = [];
        private readonly SortedSet<int> _damaged = [];

        public MediaLabel Label => label;

        public List<(int Number, string Key)>? Catalogue { get; set; }

        public HashSet<string> Vanished { get; } = new(StringComparer.Ordinal);

        public void Read(int number, bool isIntact)
        {
            _seen.Add(number);
            if (isIntact)
                _damaged.Remove(number);
            else
                _damaged.Add(number);
        }

        /// <param name="there">Keys of the target; null: nothing was brought anywhere.</param>
        public MediaSetReport Report(HashSet<string>? there)
        {
            List<MediaMissing> missing =
            [
                .. (Catalogue ?? [])
                    .Where(entry =>
                        !Vanished.Contains(entry.Key)
                        && (
                            there is null
                                ? !_seen.Contains(entry.Number) && entry.Number > 0
                                : !there.Contains(entry.Key)
                        )
                    )
                    .Select(entry => new MediaMissing(entry.Number, entry.Key)),
            ];
            var needed =
                there is null || Catalogue is null
                    ? Enumerable.Range(1, label.Of).Where(number => !_seen.Contains(number))
                    : missing
                        .Select(each => each.Volume)
                        .Where(number => number > 0 && !_seen.Contains(number))
                        .Distinct();
            return new MediaSetReport(label, [.. needed], [.. _damaged], missing);
        }
    }
}

/// <summary>What one volume held.</summary>
/// <param name="Label">Null when it is damaged.</param>
/// <param name="Objects">That are whole.</param>
/// <param name="Brought">Of these, those that the target did not have.</param>
/// <param name="Sha256">Of the whole volume, to compare with the sheet in its box.</param>
public sealed record MediaVolumeReport(
    string Name,
    MediaLabel? Label,
    int Objects,
    int Brought,
    long LengthBytes,
    BlobId Sha256,
    IReadOnlyList<MediaFault> Faults
)
{
    /// <summary>Compares it with what was written.</summary>
    /// <param name="sha256">Of the whole volume then, 64 hexadecimal digits.</param>
    /// <returns>In words what is wrong first; null when it is as it was written.</returns>
    public string? FaultAgainst(string sha256) =>
        Faults is [var fault, ..] ? $"{fault.Key ?? "between two objects"}: {fault.How}"
        : Sha256.Hex == sha256 ? null
        : $"it reads as {Sha256.Hex}, and {sha256} was written";
}

/// <param name="Key">Of the object, or the name of a member; null: between two.</param>
/// <param name="How">What is wrong, in words.</param>
public sealed record MediaFault(string? Key, string How);

/// <param name="Needed">Numbers of volumes that have something that is not there yet.</param>
/// <param name="Damaged">Numbers of volumes that were read and are not whole.</param>
/// <param name="Missing">What the catalogue names and is not there.</param>
public sealed record MediaSetReport(
    MediaLabel Label,
    IReadOnlyList<int> Needed,
    IReadOnlyList<int> Damaged,
    IReadOnlyList<MediaMissing> Missing
)
{
    public bool IsComplete => Needed.Count == 0 && Missing.Count == 0;
}

/// <param name="Volume">Where it should be; 0: on every one.</param>
public sealed record MediaMissing(int Volume, string Key);
