using Resurgam.Adapters.Postgres.Recovery;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Postgres.Recovery;

public sealed class RecoveryGoalTests
{
    [Theory]
    [InlineData("postgresql.auto.conf", "a = '1'\nrecovery_target_time = '2026-11-23 14:05:00Z'\n", true)]
    [InlineData("postgresql.auto.conf", "recovery_target='immediate'", true)]
    [InlineData("postgresql.auto.conf", "recovery_target_timeline = 'latest'\n", false)]
    [InlineData("postgresql.auto.conf", "#recovery_target_lsn = '0/1'\nrecovery_target_name = ''\n", false)]
    [InlineData("postmaster.opts", "/bin/postgres \"-D\" \"/d\" \"-c\" \"recovery_target_lsn=0/3000060\"\n", true)]
    [InlineData("postmaster.opts", "/bin/postgres \"-c\" \"recovery_target_action=promote\"\n", false)]
    [InlineData("postgresql.conf", "recovery_target = 'immediate'\n", false)]
    public void A_target_is_found_where_a_restore_sets_it(string file, string content, bool isSet)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.Combine(file), content);
        Assert.Equal(isSet, RecoveryGoal.IsSet(folder.FullPath));
    }
}
