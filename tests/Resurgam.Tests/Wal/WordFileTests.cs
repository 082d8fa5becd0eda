using Resurgam.Adapters.Wal;

namespace Resurgam.Tests.Wal;

public sealed class WordFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("resurgam-word-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_word_is_read_as_it_was_written()
    {
        WatchdogWord word = new(1, new DateTimeOffset(2026, 11, 27, 0, 0, 0, TimeSpan.Zero), IsSynchronous: true, null);

        word.Write(_folder);

        Assert.Equal(word, WatchdogWord.Find(_folder));
    }

    /// <summary>A power cut leaves such files; neither the streams nor who asks for them may fail at one.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("{ \"processId\": 1, \"upd")]
    public void A_word_that_stays_torn_is_none(string torn)
    {
        File.WriteAllText(Path.Combine(_folder, WatchdogWord.FileName), torn);
        File.WriteAllText(Path.Combine(_folder, WalStreamStatus.FileName), torn);

        Assert.Null(WatchdogWord.Find(_folder));
        Assert.Null(WalStreamStatus.Find(_folder));
    }
}
