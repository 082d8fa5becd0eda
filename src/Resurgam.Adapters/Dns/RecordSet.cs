using Resurgam.Core.Values;

namespace Resurgam.Adapters.Dns;

/// <summary>All records of one name and type.</summary>
/// <param name="Values">In their normal form, sorted. Empty: there are none.</param>
/// <param name="Ttl">How long others may keep them.</param>
internal sealed record RecordSet(ValueList<string> Values, TimeSpan Ttl)
{
    public static RecordSet Nothing { get; } = new([], TimeSpan.Zero);

    /// <summary>Whatever their lifetime.</summary>
    public bool Says(ValueList<string> values) => Values.Equals(values);
}

/// <summary>The records of one name and type, at whoever is authoritative for them.</summary>
internal interface IRecordPlace
{
    Task<RecordSet> ReadAsync(CancellationToken cancellationToken);

    /// <summary>All or nothing.</summary>
    /// <returns>False: something else is there than <paramref name="was"/>, and nothing was changed.</returns>
    Task<bool> TryReplaceAsync(RecordSet was, RecordSet now, CancellationToken cancellationToken);
}
