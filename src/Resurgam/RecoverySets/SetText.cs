using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.RecoverySets;

namespace Resurgam.RecoverySets;

/// <summary>Recovery points in words.</summary>
internal static class SetText
{
    public static string Of(SetMember member)
    {
        var tie = member.Kind switch
        {
            Asset.Postgres.KindName => $"LSN {member.Lsn}, timeline {member.Timeline}",
            Asset.Redis.KindName => string.Create(CultureInfo.InvariantCulture, $"offset {member.Offset}"),
            Asset.Kubernetes.KindName => $"resource version {member.ResourceVersion}",
            Asset.Git.KindName => string.Join(
                ", ",
                (member.Repositories ?? []).Select(each => $"{each.Name} {each.Commit?[..8] ?? "empty"}")
            ),
            Asset.LogicalPostgres.SnapshotKindName => string.Join(
                ", ",
                (member.Databases ?? []).Select(each => $"{each.Name} {each.Lsn}")
            ),
            _ => "",
        };
        var how = member.IsStreamed ? "brought forward by its stream" : "as its snapshot has it";
        return $"{member.Asset, -16} snapshot {member.Snapshot[..8]}  {CliJson.ToText(member.At)}  {(tie.Length > 0 ? $"{tie}, " : "")}{how}";
    }

    public static string Apart(RecoverySetEntry point) =>
        point.SkewSeconds == 0
            ? "of one moment"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"at most {point.SkewSeconds:0.###} s apart{(point.WasHeld ? ", under its barrier" : "")}"
            );
}
