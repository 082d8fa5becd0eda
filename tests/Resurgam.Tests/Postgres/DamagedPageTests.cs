using Resurgam.Core.Postgres;

namespace Resurgam.Tests.Postgres;

public sealed class DamagedPageTests
{
    [Fact]
    public void Its_text_reads_back()
    {
        DamagedPage page = new("base/5/16384.1", 7);

        Assert.Equal("base/5/16384.1 block 7", page.ToString());
        Assert.Equal(page, DamagedPage.Find(page.ToString()));
        Assert.Null(DamagedPage.Find("base/5/16384 block seven"));
    }

    [Theory]
    [InlineData(
        "checksum verification failed in file \"./base/5/16384\", block 1: calculated 4F2A but expected 1B2C",
        "base/5/16384",
        1
    )]
    [InlineData(
        "Prüfsummenüberprüfung fehlgeschlagen in Datei »pg_tblspc/16385/PG_15_202209061/5/16386«, Block 77: berechnet AB, aber erwartet C",
        "pg_tblspc/16385/PG_15_202209061/5/16386",
        77
    )]
    public void A_warning_names_it_in_any_language(string warning, string path, uint block) =>
        Assert.Equal(new DamagedPage(path, block), DamagedPage.FindInWarning(warning));

    [Theory]
    [InlineData("1 total checksum verification failure")]
    [InlineData("further checksum verification failures in file \"./base/5/16384\" will not be reported")]
    [InlineData("could not verify checksum in file \"./base/5/16384\"")]
    public void Another_warning_names_none(string warning) => Assert.Null(DamagedPage.FindInWarning(warning));
}
