using Resurgam.Adapters.Dns.Wire;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Dns;

/// <summary>Records on a server that takes signed updates.</summary>
internal sealed class ZoneRecords(Target.Dns target, StepAction.DnsUpdate action, Tsig key, TimeProvider time)
    : IRecordPlace
{
    /// <summary>RFC 2136, section 2.2: what must be there is not; what must not be there is; the name must not be there, or must.</summary>
    private static readonly int[] Unmet = [3, 6, 7, 8];

    private readonly DnsServer _server = new(target.Host, target.Port);

    public Task<RecordSet> ReadAsync(CancellationToken cancellationToken) =>
        _server.AskAsync(action.Name, action.Type, cancellationToken);

    public async Task<bool> TryReplaceAsync(RecordSet was, RecordSet now, CancellationToken cancellationToken)
    {
        var code = await _server.UpdateAsync(
            new UpdateMessage
            {
                Id = DnsServer.NewId(),
                Zone = target.Zone,
                Name = action.Name,
                Type = RecordText.NumberOf(action.Type),
                Was = [.. was.Values.Select(value => RecordText.ToWire(action.Type, value))],
                Values = [.. now.Values.Select(value => RecordText.ToWire(action.Type, value))],
                TtlSeconds = (uint)now.Ttl.TotalSeconds,
            },
            key,
            time,
            cancellationToken
        );
        return !Unmet.Contains(code)
            && (code == 0 ? true : throw DnsProblems.Refused(_server.Address, "the update", code));
    }
}
