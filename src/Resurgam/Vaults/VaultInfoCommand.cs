using System.CommandLine;
using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;

namespace Resurgam.Vaults;

internal static class VaultInfoCommand
{
    private const string Generations = "generations/";

    public static Command Create()
    {
        Command command = new("info", "What the vault is and what it holds; needs no secret.");
        command.SetAction((line, cancellationToken) => RunAsync(Session.Of(line), cancellationToken));
        return command;
    }

    internal static async Task<int> RunAsync(Session session, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var store = await VaultAccess.OpenStoreAsync(session, plan, cancellationToken);
        var descriptor = await Vault.FindDescriptorAsync(store, cancellationToken);
        if (descriptor is null && await store.HeadAsync("config", cancellationToken) is null)
            throw VaultProblems.NoVault(store.Name);
        var document = await MeasureAsync(store, descriptor, cancellationToken) with
        {
            Replicas = descriptor is null
                ? []
                : await PlaceStates.CompareAsync(session, plan, store, cancellationToken),
            Scrubs = descriptor is null ? null : await TryReadScrubsAsync(session, plan, cancellationToken),
        };
        session.Output.Write(document, VaultDocuments.Json.VaultInfoDocument, text => WriteText(text, document));
        return ExitCode.Success;
    }

    private static async Task<VaultInfoDocument> MeasureAsync(
        IStore store,
        VaultDescriptor? descriptor,
        CancellationToken cancellationToken
    )
    {
        SortedDictionary<string, GenerationView> generations = new(StringComparer.Ordinal);
        List<string> keys = [];
        var size = 0L;
        await foreach (var item in store.ListAsync("", cancellationToken))
        {
            size += item.LengthBytes;
            if (item.Key.StartsWith("keys/", StringComparison.Ordinal))
                keys.Add(item.Key["keys/".Length..][..8]);
            var name = item.Key.StartsWith(Generations, StringComparison.Ordinal) ? item.Key.Split('/')[1] : "";
            if (name.Length == 0 && descriptor is not null)
                continue;
            var view = generations.GetValueOrDefault(name) ?? new GenerationView(name, 0, 0, 0, 0);
            generations[name] = Count(
                view,
                item.Key[(name.Length == 0 ? 0 : Generations.Length + name.Length + 1)..],
                item
            );
        }
        return new VaultInfoDocument(
            descriptor?.Id,
            store.Name,
            descriptor?.Created,
            descriptor?.Format ?? 0,
            size,
            keys,
            [.. generations.Values],
            []
        );
    }

    /// <returns>Null without the vault's secret.</returns>
    private static async Task<IReadOnlyList<ScrubView>?> TryReadScrubsAsync(
        Session session,
        Plan plan,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
            return await PlaceStates.ReadScrubsAsync(plan, vault, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return null; // this command needs no secret; what the ledger says is beside the point of it
        }
    }

    private static GenerationView Count(GenerationView view, string key, StoreObject item) =>
        key == "expired"
            ? view with
            {
                Expired = true,
            }
            : view with
            {
                Snapshots = view.Snapshots + (key.StartsWith("snapshots/", StringComparison.Ordinal) ? 1 : 0),
                Packs = view.Packs + (key.StartsWith("data/", StringComparison.Ordinal) ? 1 : 0),
                SizeBytes = view.SizeBytes + item.LengthBytes,
                WalBytes = view.WalBytes + (key.StartsWith("wal/", StringComparison.Ordinal) ? item.LengthBytes : 0),
            };

    private static void WriteText(TextWriter text, VaultInfoDocument document)
    {
        text.WriteLine(document.Id is null ? "a plain restic repository, read only" : $"vault {document.Id}");
        text.WriteLine($"store       {document.Store}");
        if (document.Created is { } created)
            text.WriteLine($"created     {CliJson.ToText(created)}");
        text.WriteLine($"size        {new ByteSize(document.SizeBytes)}");
        text.WriteLine($"keys        {string.Join(", ", document.Keys)}");
        foreach (var generation in document.Generations)
            text.WriteLine(
                generation.Expired
                    ? $"generation  {generation.Name}: expired{(generation.SizeBytes > 0 ? $", the store keeps {new ByteSize(generation.SizeBytes)} of it" : "")}"
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"generation  {generation.Name}: {generation.Snapshots} snapshots, {generation.Packs} packs, {new ByteSize(generation.SizeBytes)}, of it WAL {new ByteSize(generation.WalBytes)}"
                    )
            );
        foreach (var replica in document.Replicas)
            text.WriteLine($"replica     {replica.Name} ({replica.Store}): {replica.ToText()}");
        foreach (var scrub in document.Scrubs ?? [])
            text.WriteLine($"scrub       {scrub.ToText()}");
    }
}
