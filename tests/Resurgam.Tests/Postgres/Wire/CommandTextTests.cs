using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Values;

namespace Resurgam.Tests.Postgres.Wire;

public sealed class CommandTextTests
{
    [Theory]
    [InlineData("it's", "'it''s'")]
    [InlineData(@"back\slash", @"E'back\\slash'")]
    [InlineData("", "''")]
    public void A_literal_is_quoted(string text, string literal) => Assert.Equal(literal, SqlText.Literal(text));

    [Fact]
    public void An_identifier_is_quoted() => Assert.Equal("\"a\"\"b\"", SqlText.Identifier("a\"b"));

    [Fact]
    public void A_zero_character_is_refused() => Assert.Throws<ArgumentException>(() => SqlText.Literal("a\0b"));

    [Theory]
    [InlineData("15.18 (Debian 15.18-0+deb12u1)", 150018)]
    [InlineData("18.4", 180004)]
    [InlineData("18beta1", 180000)]
    [InlineData("19devel", 190000)]
    [InlineData("rubbish", 0)]
    [InlineData("99999999999.1", 0)]
    public void Versions_are_numbered_as_the_server_does(string text, int number) =>
        Assert.Equal(number, ServerVersions.Parse(text));

    [Fact]
    public void A_base_backup_is_asked_for_in_the_grammar_of_the_version()
    {
        var options = new BaseBackupOptions
        {
            Label = "nightly's",
            IncludeWal = true,
            Progress = true,
            VerifyChecksums = false,
            ManifestChecksums = "SHA256",
            MaxRate = new ByteSize(1 << 20),
        };

        Assert.Equal(
            "BASE_BACKUP (LABEL 'nightly''s', CHECKPOINT 'fast', TABLESPACE_MAP, WAIT false, PROGRESS, WAL, "
                + "MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256', VERIFY_CHECKSUMS false, MAX_RATE 1024)",
            options.ToCommand(150000)
        );
        Assert.Equal(
            "BASE_BACKUP LABEL 'nightly''s' PROGRESS FAST WAL NOWAIT MAX_RATE 1024 TABLESPACE_MAP "
                + "NOVERIFY_CHECKSUMS MANIFEST 'yes' MANIFEST_CHECKSUMS 'SHA256'",
            options.ToCommand(140009)
        );
    }

    [Fact]
    public void Less_can_be_asked_for() =>
        Assert.Equal(
            "BASE_BACKUP (LABEL 'resurgam', CHECKPOINT 'spread', TABLESPACE_MAP, WAIT false, INCREMENTAL)",
            new BaseBackupOptions
            {
                FastCheckpoint = false,
                Manifest = false,
                Incremental = true,
            }.ToCommand(170000)
        );
}
