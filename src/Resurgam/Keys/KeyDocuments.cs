using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Ledgers;

namespace Resurgam.Keys;

/// <summary>What <c>vault key list</c> prints.</summary>
internal sealed record KeyListDocument(int Generations, IReadOnlyList<KeyView> Keys);

/// <param name="IsWhole">False while it is being added or withdrawn.</param>
/// <param name="Missing">Generations that stock restic does not open with it; null when that is not known.</param>
internal sealed record KeyView(
    string Id,
    string Name,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    bool IsCurrent,
    bool IsWhole,
    IReadOnlyList<string>? Missing
)
{
    public static KeyView Of(VaultKeyEntry key) =>
        new(key.Id, key.Name, key.CreatedAt, key.CreatedBy, key.IsCurrent, key.IsWhole, key.Missing);
}

/// <summary>What <c>vault key add</c>, <c>rotate</c> and <c>withdraw</c> print.</summary>
/// <param name="Added">Id of the key that came; null when none did.</param>
/// <param name="Name">Of the key that came.</param>
/// <param name="Withdrawn">Ids of those that went.</param>
internal sealed record KeyChangeDocument(string? Added, string Name, IReadOnlyList<string> Withdrawn)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }

    /// <summary>Files of withdrawn keys that the store keeps although they were deleted; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<KeyRemainsView>? Remains { get; init; }

    /// <summary>For people, after the change.</summary>
    public void WriteRemains(TextWriter text)
    {
        foreach (var remains in Remains ?? [])
            text.WriteLine(
                remains.IsUnseen
                    ? $"whether older versions below {remains.File} can still be read cannot be told: {remains.How}"
                    : $"{remains.File} can still be read{(remains.Until is { } until ? $" until {CliJson.ToText(until)}" : "")}: {remains.How}"
            );
        text.WriteLine(
            "Replicas open with it until the next 'vault copy' with the new secret; 'status' tells which do."
        );
        text.WriteLine("Offline media open with it for good: keep them where nobody gets at them, or destroy them.");
    }
}

/// <param name="Until">When the store's lock ends; null when it does not say.</param>
internal sealed record KeyRemainsView(
    string Key,
    string File,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Until,
    string How
)
{
    /// <summary>The store does not show older versions: nobody can tell.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsUnseen { get; init; }

    /// <returns>Null for none.</returns>
    public static IReadOnlyList<KeyRemainsView>? Of(IReadOnlyList<WithdrawnKeyRemains> remains) =>
        remains.Count == 0
            ? null
            :
            [
                .. remains.Select(file => new KeyRemainsView(file.Id, file.File, file.Until, file.How)
                {
                    IsUnseen = file.IsUnseen,
                }),
            ];
}

/// <summary>What <c>vault secret</c> prints.</summary>
internal sealed record SecretFileDocument(string File);

/// <summary>What <c>vault shares create</c> prints.</summary>
/// <param name="Shares">Absent when they went to files.</param>
/// <param name="Files">Absent when they were printed.</param>
internal sealed record SharesCreateDocument(
    SharesCreateRecord Made,
    IReadOnlyList<string>? Shares,
    IReadOnlyList<string>? Files
)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }
}

/// <summary>What the ledger tells of it: never a share.</summary>
/// <param name="Key">Id of the key that the shares stand for.</param>
internal sealed record SharesCreateRecord(string Vault, string Key, string Set, int Threshold, int Count);

/// <summary>What <c>vault shares combine</c> prints.</summary>
/// <param name="Secret">Null when it went to a file.</param>
internal sealed record SharesCombineDocument(string Vault, string Set, string? Secret, string? File);

/// <summary>What <c>vault shares test</c> prints.</summary>
/// <param name="Used">The shares by their numbers.</param>
/// <param name="Opened">Generations that opened as stock restic opens them.</param>
internal sealed record SharesTestDocument(
    string Vault,
    string Set,
    IReadOnlyList<int> Used,
    int Threshold,
    IReadOnlyList<string> Opened,
    int Snapshots
)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }
}

[JsonSerializable(typeof(KeyListDocument))]
[JsonSerializable(typeof(KeyChangeDocument))]
[JsonSerializable(typeof(SecretFileDocument))]
[JsonSerializable(typeof(SharesCreateDocument))]
[JsonSerializable(typeof(SharesCreateRecord))]
[JsonSerializable(typeof(SharesCombineDocument))]
[JsonSerializable(typeof(SharesTestDocument))]
internal sealed partial class KeyDocuments : JsonSerializerContext
{
    public static readonly KeyDocuments Json = new(CliJson.NewOptions());
}
