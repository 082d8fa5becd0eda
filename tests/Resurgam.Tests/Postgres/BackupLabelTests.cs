using System.Text;
using Resurgam.Core.Postgres;

namespace Resurgam.Tests.Postgres;

public sealed class BackupLabelTests
{
    private const string Full =
        "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nCHECKPOINT LOCATION: 0/2000060\nSTART TIMELINE: 3\n";

    [Fact]
    public void The_label_of_an_increment_becomes_that_of_a_full_backup()
    {
        var label = Full + "INCREMENTAL FROM LSN: 0/1000028\nINCREMENTAL FROM TLI: 1\n";

        Assert.Equal(Full, Encoding.UTF8.GetString(BackupLabel.WithoutIncrement(Encoding.UTF8.GetBytes(label))));
    }

    [Theory]
    [InlineData(Full)]
    [InlineData("LABEL: without an end of its last line")]
    [InlineData("")]
    public void The_label_of_a_full_backup_stays(string label) =>
        Assert.Equal(label, Encoding.UTF8.GetString(BackupLabel.WithoutIncrement(Encoding.UTF8.GetBytes(label))));

    [Fact]
    public void It_tells_the_timeline() => Assert.Equal(3u, BackupLabel.Timeline(Full));
}
