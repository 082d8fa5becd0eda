using System.Diagnostics;
using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Cli;

public sealed class OutputTests
{
    private static readonly EveryType Document = new(
        new DateTimeOffset(2026, 11, 23, 15, 0, 0, 250, TimeSpan.FromHours(2)),
        TimeSpan.FromMilliseconds(1500),
        new ByteSize(1 << 20),
        new Lsn(0x16_B374D848),
        BlobId.Of([]),
        new AssetId("db"),
        null,
        "it's <é>"
    );

    private readonly StringWriter _stdout = new() { NewLine = "\n" };
    private readonly StringWriter _stderr = new() { NewLine = "\n" };

    [Fact]
    public void Json_has_utc_times_seconds_bytes_and_readable_text()
    {
        Create(OutputFormat.Json).Write(Document, EveryTypeJson.Documents.EveryType, _ => Assert.Fail("text in JSON"));
        Assert.Equal(
            """
            {
              "takenAt": "2026-11-23T13:00:00.25Z",
              "duration": 1.5,
              "size": 1048576,
              "end": "16/B374D848",
              "blobId": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
              "asset": "db",
              "nothing": null,
              "text": "it's <é>"
            }

            """.ReplaceLineEndings("\n"),
            _stdout.ToString()
        );
    }

    [Fact]
    public void Text_is_written_by_the_command()
    {
        Create(OutputFormat.Text)
            .Write(Document, EveryTypeJson.Documents.EveryType, text => text.WriteLine("for people"));
        Assert.Equal("for people\n", _stdout.ToString());
    }

    [Fact]
    public void A_second_document_is_a_bug()
    {
        var output = Create(OutputFormat.Json);
        output.Write(Document, EveryTypeJson.Documents.EveryType, _ => { });
        Assert.Throws<UnreachableException>(() => output.Write(Document, EveryTypeJson.Documents.EveryType, _ => { }));
    }

    [Fact]
    public void What_stdout_does_not_take_is_no_bug()
    {
        var output = new Output(new FullWriter(), Terminal(), OutputFormat.Json, isQuiet: false, isVerbose: false);
        var thrown = Assert.Throws<ResurgamException>(() =>
            output.Write(Document, EveryTypeJson.Documents.EveryType, _ => { })
        );
        Assert.Equal("stdout-failed", thrown.Problem.Code);
    }

    [Fact]
    public void Notes_go_to_stderr_and_quiet_keeps_only_warnings()
    {
        Create(OutputFormat.Text).Note("note");
        var quiet = new Output(_stdout, Terminal(), OutputFormat.Text, isQuiet: true, isVerbose: false);
        quiet.Note("hidden");
        quiet.Detail("hidden");
        quiet.Warn("look");
        Assert.Equal("note\nwarning: look\n", _stderr.ToString());
        Assert.Empty(_stdout.ToString());
    }

    private Output Create(OutputFormat format) => new(_stdout, Terminal(), format, isQuiet: false, isVerbose: false);

    private Terminal Terminal() => new(_stderr, isTerminal: false, isColorful: false);

    private sealed class FullWriter : StringWriter
    {
        public override void Write(string? value) => throw new IOException("No space left on device");
    }
}

internal sealed record EveryType(
    DateTimeOffset TakenAt,
    TimeSpan Duration,
    ByteSize Size,
    Lsn End,
    BlobId BlobId,
    AssetId Asset,
    DateTimeOffset? Nothing,
    string Text
);

[JsonSerializable(typeof(EveryType))]
internal sealed partial class EveryTypeJson : JsonSerializerContext
{
    public static readonly EveryTypeJson Documents = new(CliJson.NewOptions());
}
