using Resurgam.Core.Postgres;

namespace Resurgam.Tests.Postgres;

public sealed class BackupRulesTests
{
    [Theory]
    [InlineData("skipping special file \"./pg_hba.conf\"", "pg_hba.conf")]
    [InlineData("überspringe besondere Datei oder Verzeichnis \"./postgresql.conf\"", "postgresql.conf")]
    [InlineData("skipping special file \"./conf.d/more.conf\"", null)]
    [InlineData("skipping special file \"./server.crt\"", null)]
    [InlineData("skipping special file \"./postgresql.auto.conf\"", null)]
    [InlineData("checksum verification failed in file \"./base/5/16384\", block 7", null)]
    [InlineData("\".conf ./", null)]
    [InlineData("", null)]
    public void A_warning_of_the_server_tells_which_configuration_it_passes_over(string warning, string? file) =>
        Assert.Equal(file, BackupRules.FindConfigurationInWarning(warning));
}
