using System.Globalization;
using Resurgam.Adapters.Dns;
using Resurgam.Adapters.Dns.Route53;
using Resurgam.Adapters.Dns.Wire;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Runs;

internal sealed class DnsUpdateWork(StepAction.DnsUpdate action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    /// <summary>Notes: what was there before, each value in a line; and for how long others may keep it, in seconds.</summary>
    private const string OldValues = "old-values";
    private const string OldTtl = "old-ttl";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        var there = await (await OpenAsync(cancellationToken)).ReadAsync(cancellationToken);
        var ttl = there.Ttl.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return StepReport.Done(
            $"{Records} is {DnsWords.Of(there.Values)}, for {ttl} s in caches, and would be {DnsWords.Of(Wanted.Values)}",
            new StepNote(OldValues, string.Join('\n', there.Values)),
            new StepNote(OldTtl, ttl)
        );
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        var place = await OpenAsync(cancellationToken);
        var there = await place.ReadAsync(cancellationToken);
        if (there != Wanted)
        {
            var expected = action.Was is { } was ? Normal(was) : Noted?.Values ?? there.Values;
            // What an attempt that was cut off has done is ours.
            if (!there.Says(expected) && !there.Says(Wanted.Values))
                throw DnsProblems.Changed(Records, DnsWords.Of(there.Values), DnsWords.Of(expected));
            if (action.TtlAtMost is { } most && there.Ttl > most)
                throw DnsProblems.TooLong(Records, there.Ttl, most);
            if (!await place.TryReplaceAsync(there, Wanted, cancellationToken))
                throw DnsProblems.Changed(Records, "something else", DnsWords.Of(expected));
        }
        var now = await place.ReadAsync(cancellationToken);
        if (!now.Says(Wanted.Values))
            throw DnsProblems.NotTaken(Records, DnsWords.Of(now.Values));
        await AwaitAsync(cancellationToken);
        return StepReport.Done(
            $"{Records} is {DnsWords.Of(Wanted.Values)}{(action.SeenBy.Count == 0 ? "" : $", and so say {string.Join(", ", action.SeenBy)}")}; caches may keep what was there for {there.Ttl.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s"
        );
    }

    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        if (Noted is not { } old)
            return StepReport.Done("nothing was noted before the effect: nothing was changed");
        var place = await OpenAsync(cancellationToken);
        var there = await place.ReadAsync(cancellationToken);
        if (there == old)
            return StepReport.Done($"{Records} is as it was");
        return there.Says(Wanted.Values) && await place.TryReplaceAsync(there, old, cancellationToken)
            ? StepReport.Done($"{Records} is {DnsWords.Of(old.Values)} again")
            : StepReport.Failed($"{Records} is {DnsWords.Of(there.Values)}, which is none of ours: it was left alone");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        var there = await (await OpenAsync(cancellationToken)).ReadAsync(cancellationToken);
        return there.Says(Wanted.Values) && (await BlindAsync(cancellationToken)).Count == 0;
    }

    private string Records => $"{action.Name} {DnsWords.Of(action.Type)}";

    private RecordSet Wanted => new(Normal(action.Values), action.Lifetime);

    private RecordSet? Noted =>
        Call.FindNote(OldValues) is { } values
        && int.TryParse(Call.FindNote(OldTtl), CultureInfo.InvariantCulture, out var seconds)
            ? new RecordSet(
                [.. values.Split('\n', StringSplitOptions.RemoveEmptyEntries)],
                TimeSpan.FromSeconds(seconds)
            )
            : null;

    private ValueList<string> Normal(ValueList<string> values) =>
        [
            .. values
                .Select(value => RecordText.TryNormal(action.Type, value) ?? throw DnsProblems.BadValue(Records, value))
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    private async Task<IRecordPlace> OpenAsync(CancellationToken cancellationToken)
    {
        var target = Target<Target>(action.On);
        var zone = target is Target.Route53 hosted ? hosted.Zone : ((Target.Dns)target).Zone;
        if (!IsInside(zone))
            throw DnsProblems.BadValue($"zone {zone}", action.Name);
        return target is Target.Route53 amazon
            ? new HostedZone(amazon, action, await KeyOfAsync(amazon, cancellationToken), Tools.Http, Tools.Time)
            : await OpenAsync((Target.Dns)target, cancellationToken);
    }

    private async Task<ZoneRecords> OpenAsync(Target.Dns target, CancellationToken cancellationToken)
    {
        var secret = await Tools.Secrets.ReadAsync(target.Key, cancellationToken);
        var key = new byte[secret.Bytes.Length];
        return Convert.TryFromBase64String(secret.ToText(), key, out var length)
            ? new ZoneRecords(target, action, new Tsig(target.KeyName, key[..length]), Tools.Time)
            : throw DnsProblems.BadKey();
    }

    private async Task<AmazonKey> KeyOfAsync(Target.Route53 target, CancellationToken cancellationToken)
    {
        if (target is { AccessKey: { } access, SecretKey: { } secret })
            return new AmazonKey(
                (await Tools.Secrets.ReadAsync(access, cancellationToken)).ToText(),
                (await Tools.Secrets.ReadAsync(secret, cancellationToken)).ToText(),
                SessionToken: null
            );
        return
            Tools.Variable("AWS_ACCESS_KEY_ID") is { Length: > 0 } id
            && Tools.Variable("AWS_SECRET_ACCESS_KEY") is { Length: > 0 } key
            ? new AmazonKey(id, key, Tools.Variable("AWS_SESSION_TOKEN"))
            : throw DnsProblems.NoAmazonKey();
    }

    private bool IsInside(string zone)
    {
        var (name, whole) = (action.Name.TrimEnd('.'), zone.TrimEnd('.'));
        return name.Equals(whole, StringComparison.OrdinalIgnoreCase)
            || name.EndsWith($".{whole}", StringComparison.OrdinalIgnoreCase);
    }

    private async Task AwaitAsync(CancellationToken cancellationToken)
    {
        while ((await BlindAsync(cancellationToken)) is { Count: > 0 } blind)
        {
            Tools.Tell($"{Call.Step.Id}: not seen yet by {string.Join(", ", blind)}");
            await Task.Delay(BetweenLooks, Tools.Time, cancellationToken);
        }
    }

    /// <summary>Those that do not answer with the new records yet.</summary>
    private async Task<IReadOnlyList<string>> BlindAsync(CancellationToken cancellationToken)
    {
        List<string> blind = [];
        foreach (var server in action.SeenBy)
            if (!await SeesAsync(server, cancellationToken))
                blind.Add(server);
        return blind;
    }

    private async Task<bool> SeesAsync(string server, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await DnsServer.Parse(server).AskAsync(action.Name, action.Type, cancellationToken);
            return answer.Says(Wanted.Values);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
        {
            return false; // asked again
        }
    }
}
