using System.Text.Json;

namespace Resurgam.Core.Ledgers;

/// <summary>What the vault's stream says up to some entry: the keys, and the newest anchor. A fold of its entries.</summary>
public sealed class KeyRing
{
    private readonly Dictionary<LedgerKeyId, LedgerKeyState> _keys = [];

    /// <param name="root">The vault's own key.</param>
    /// <param name="vaultId">Of the vault.</param>
    public KeyRing(LedgerKey root, string vaultId)
    {
        (Root, VaultId) = (root, vaultId);
        Head = new LedgerHead(StreamName.Vault, 0, EntryHash.Beginning(vaultId, StreamName.Vault));
    }

    public LedgerKey Root { get; }

    public string VaultId { get; }

    /// <summary>The last entry that was applied.</summary>
    public LedgerHead Head { get; private set; }

    /// <summary>Time of the newest anchor; null while there is none.</summary>
    public DateTimeOffset? AnchoredAt { get; private set; }

    /// <summary>By id; without the vault's own.</summary>
    public IReadOnlyDictionary<LedgerKeyId, LedgerKeyState> Keys => _keys;

    /// <summary>Introductions and withdrawals, and whatever else changes what counts: always verified.</summary>
    public static bool IsAboutKeys(LedgerEntry entry) =>
        entry.Kind is EntryKind.LedgerBegun or EntryKind.KeyIntroduced or EntryKind.KeyWithdrawn;

    /// <summary>Takes the next entry of the vault's stream.</summary>
    /// <returns>What is wrong with it, in words; null when nothing is. A wrong entry changes no key.</returns>
    public string? Apply(LedgerEntry entry)
    {
        Head = entry.Head;
        var fault = (entry.Kind == EntryKind.LedgerBegun, entry.Seq == 1) switch
        {
            (true, true) => CheckBegin(entry),
            (false, false) => null,
            (true, false) => "a ledger begins only once",
            (false, true) => "a ledger begins with another entry",
        };
        if (fault is not null || !IsAboutKeys(entry))
        {
            if (entry.Kind == EntryKind.Anchor)
                AnchoredAt = entry.Time;
            return fault;
        }
        if (FaultOfSignature(entry) is { } unsigned)
            return unsigned;
        return entry.Kind switch
        {
            EntryKind.KeyIntroduced => Introduce(entry),
            EntryKind.KeyWithdrawn => Withdraw(entry),
            _ => null,
        };
    }

    /// <summary>Whether an entry's key counts at its place in its stream; its signature is not looked at.</summary>
    /// <returns>Why not, in words; null when it does.</returns>
    public string? FaultOfKey(LedgerEntry entry)
    {
        if (entry.Key == Root.Id)
            return entry.Stream == StreamName.Vault && IsAboutKeys(entry)
                ? null
                : "it is signed with the vault's own key, which is for keys alone";
        if (!_keys.TryGetValue(entry.Key, out var state))
            return $"it is signed with key {entry.Key}, which was never introduced";
        return state.EndOf(entry.Stream) is { } end && entry.Seq > end
            ? $"it is signed with key {entry.Key}, which was withdrawn after entry {end} of this stream"
            : null;
    }

    /// <returns>Null when key and signature are good.</returns>
    public string? FaultOfSignature(LedgerEntry entry)
    {
        if (FaultOfKey(entry) is { } fault)
            return fault;
        var key = entry.Key == Root.Id ? Root : _keys[entry.Key].Key;
        return key.Verifies(LedgerLine.SignedBytes(entry.Line.Span), entry.Signature.Span)
            ? null
            : $"its signature is not that of key {entry.Key}";
    }

    /// <summary>Whether the vault's own key, or one that was ever introduced, signed this line, wherever it stood.</summary>
    internal bool IsSigned(LedgerEntry entry) =>
        (entry.Key == Root.Id ? Root : _keys.GetValueOrDefault(entry.Key)?.Key) is { } key
        && key.Verifies(LedgerLine.SignedBytes(entry.Line.Span), entry.Signature.Span);

    /// <summary>The heads that an anchor or a withdrawal holds; empty for any other entry and for a malformed one.</summary>
    public static IReadOnlyList<LedgerHead> HeadsIn(LedgerEntry entry)
    {
        if (entry.Kind is not (EntryKind.Anchor or EntryKind.KeyWithdrawn))
            return [];
        using var body = JsonDocument.Parse(entry.Body);
        List<LedgerHead> heads = [];
        if (!body.RootElement.TryGetProperty("heads", out var all) || all.ValueKind != JsonValueKind.Object)
            return heads;
        foreach (var head in all.EnumerateObject())
            if (
                StreamName.TryParse(head.Name, out var stream)
                && head.Value.ValueKind == JsonValueKind.Object
                && head.Value.TryGetProperty("seq", out var seq)
                && seq.TryGetInt64(out var number)
                && EntryHash.TryParse(TextOf(head.Value, "hash"), out var hash)
            )
                heads.Add(new LedgerHead(stream, number, hash));
        return heads;
    }

    internal static void WriteHeads(Utf8JsonWriter json, IEnumerable<LedgerHead> heads)
    {
        json.WriteStartObject("heads");
        foreach (var head in heads.Where(head => head.Seq > 0).OrderBy(head => head.Stream))
        {
            json.WriteStartObject(head.Stream.Value);
            json.WriteNumber("seq", head.Seq);
            json.WriteString("hash", head.Hash.Hex);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private string? CheckBegin(LedgerEntry entry)
    {
        using var body = JsonDocument.Parse(entry.Body);
        return
            TextOf(body.RootElement, "vault") == VaultId
            && TextOf(body.RootElement, "root") == Root.PublicBase64
            && entry.Key == Root.Id
            ? null
            : "it was not begun with the vault's own key";
    }

    private string? Introduce(LedgerEntry entry)
    {
        using var body = JsonDocument.Parse(entry.Body);
        if (TextOf(body.RootElement, "key") is not { } text || LedgerKey.TryImport(text) is not { } key)
            return "it introduces no key that can be read";
        if (_keys.TryGetValue(key.Id, out var known) && known.WithdrawnAt is not null)
            return $"it introduces key {key.Id} again, which was withdrawn";
        _keys.TryAdd(key.Id, new LedgerKeyState(key, TextOf(body.RootElement, "node") ?? "", entry.Time, entry.Key));
        return null;
    }

    private string? Withdraw(LedgerEntry entry)
    {
        using var body = JsonDocument.Parse(entry.Body);
        if (TextOf(body.RootElement, "key") is not { } id || !_keys.TryGetValue(new LedgerKeyId(id), out var state))
            return "it withdraws a key that was never introduced";
        _keys[state.Key.Id] = state with
        {
            WithdrawnAt = entry.Time,
            Reason = TextOf(body.RootElement, "reason") ?? "",
            Ends = HeadsIn(entry).Append(entry.Head).ToDictionary(head => head.Stream, head => head.Seq),
        };
        return null;
    }

    private static string? TextOf(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <param name="Node">Name of the machine that it belongs to.</param>
/// <param name="IntroducedAt">When its introduction was written.</param>
/// <param name="IntroducedBy">The key that vouches for it.</param>
public sealed record LedgerKeyState(LedgerKey Key, string Node, DateTimeOffset IntroducedAt, LedgerKeyId IntroducedBy)
{
    /// <summary>Null while it counts.</summary>
    public DateTimeOffset? WithdrawnAt { get; init; }

    public string Reason { get; init; } = "";

    /// <summary>The last entry of each stream that it may have signed; a stream that is not in here had none.</summary>
    internal IReadOnlyDictionary<StreamName, long> Ends { get; init; } = new Dictionary<StreamName, long>();

    /// <returns>Null: no end.</returns>
    internal long? EndOf(StreamName stream) => WithdrawnAt is null ? null : Ends.GetValueOrDefault(stream);
}
