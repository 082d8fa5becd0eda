using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Values;

namespace Resurgam.Demo;

/// <summary>Tells the demo to a person: chapters, commands to copy, and the table at the end. Silent for programs.</summary>
internal sealed class DemoStory(Session session)
{
    private const int NameWidth = 34;

    private readonly long _began = session.Time.GetTimestamp();

    public void Chapter(string text) => Tell($"\n{Clock} {text}");

    public void Command(params ReadOnlySpan<string> words) => Tell($"       $ {DemoProgram.Shown(words)}");

    public void Fact(string text) => Tell($"       {text}");

    public static void Table(TextWriter text, DemoDocument document)
    {
        text.WriteLine();
        Row(text, "recovery time", Seconds(document.RecoverySeconds));
        Row(text, "transactions acknowledged", Number(document.Committed));
        Row(text, "of these recovered, as written", Number(document.Recovered));
        Row(text, "lost", $"{Number(document.Lost)} transactions, {Seconds(document.LossSeconds)}");
        Row(
            text,
            "verification",
            $"{(document.VerificationPassed ? "passed" : "FAILED")} in {Seconds(document.VerificationSeconds)}"
        );
        Row(text, "database", new ByteSize(document.DatabaseBytes).ToString());
        Row(text, "vault, all in", new ByteSize(document.VaultBytes).ToString());
        Row(text, "first backup stored", new ByteSize(document.FirstBackupStored).ToString());
        Row(
            text,
            "second backup stored",
            $"{new ByteSize(document.SecondBackupStored)}, {Percent(document.SecondBackupStored, document.FirstBackupStored)} of the first"
        );
        Row(text, "PostgreSQL", document.PostgresVersion);
        foreach (var asset in document.Assets ?? [])
            Row(
                text,
                $"{asset.Asset} ({asset.Kind})",
                $"{Number(asset.Lost)} lost, back after {Seconds(asset.RecoverySeconds)}"
            );
        foreach (var asset in document.LeftOut ?? [])
            Row(text, $"{asset.Asset} ({asset.Kind})", $"LEFT OUT: {asset.Reason}");
        Row(text, "the whole demo", Seconds(document.Duration));
        if (document.Folder is { } folder)
            Row(text, "left to look at", folder);
        text.WriteLine();
        text.WriteLine(
            document.Lost == 0 && (document.Assets ?? []).All(asset => asset.Lost == 0)
                ? "Nothing that was acknowledged is lost."
                : "THE PROMISE IS BROKEN: acknowledged transactions are lost."
        );
    }

    private string Clock =>
        string.Create(CultureInfo.InvariantCulture, $"{session.Time.GetElapsedTime(_began).TotalSeconds, 5:0.0}s");

    private void Tell(string text)
    {
        if (session.Output.Format == OutputFormat.Text)
            session.Output.Note(text);
    }

    private static void Row(TextWriter text, string name, string value) =>
        text.WriteLine($"  {name.PadRight(NameWidth, '.')} {value}");

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(long part, long whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / Math.Max(1, whole):0.#} %");
}
