using System.Globalization;
using System.Text;

namespace Resurgam.Core.Vaults.Media;

/// <summary>The sheet of paper for the box: what is in it, how to tell that it is whole, how it comes back, and who had it. No secret is on it.</summary>
public static class MediaSheet
{
    private const int LineWidth = 78;

    public static string Of(MediaSetState set, string vaultId)
    {
        StringBuilder text = new();
        Line($"OFFLINE COPY OF VAULT {vaultId}");
        Line(new string('=', LineWidth));
        Line(
            $"Set          {set.Written.Set}, {set.Written.Of} {(set.Written.Of == 1 ? "volume" : "volumes")}{(set.IsWhole ? "" : "  NOT ALL OF THEM ARE WRITTEN")}"
        );
        Line($"Generations  {string.Join(", ", set.Written.Generations)}");
        Line($"Written      {At(set.WrittenAt)} by {set.WrittenBy}");
        Line($"             to {set.Written.To}");
        Line("");
        Line("Sealed: without the vault's secret nobody can read any of it. The secret is NOT in this box.");
        Line("");
        Line("volume  objects         bytes  SHA-256");
        foreach (var volume in set.Volumes)
        {
            var written = volume.Written;
            Line(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{written.Number, 6}  {written.Objects, 7}  {written.LengthBytes, 12}  {written.Sha256[..32]}"
                )
            );
            Line($"{"", 31}{written.Sha256[32..]}");
            if (written.Missing > 0)
                Line(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"        {written.Missing} objects of its catalogue are not on it"
                    )
                );
        }
        Line("");
        Line("To check it:    resurgam vault media check VOLUME...     or: sha256sum VOLUME");
        Line("To bring back:  resurgam vault media read VOLUME... --to /srv/vault");
        Line("                in any order; it says what is still needed. Without resurgam: every");
        Line("                volume is a tar archive, and its README.md says the rest.");
        Line("");
        Line("WHO HAD IT");
        Line(new string('-', LineWidth));
        foreach (var (volumes, move) in Moves(set))
        {
            var custody = move.Custody;
            Line(
                $"{At(move.At)}  {WordOf(custody.Act)} by {custody.Person}{(custody.Place is { } place ? $", {place}" : "")}"
            );
            Line(
                $"  {(volumes.Count == set.Written.Of ? "all volumes" : $"volumes {string.Join(", ", volumes)}")}{(custody.WasRead ? ", read and found whole" : "")}{(custody.Note is { } note ? $"; {note}" : "")}"
            );
        }
        for (var blank = 0; blank < 4; blank++)
        {
            Line("");
            Line(
                $"date {new string('_', 11)} name {new string('_', 18)} place {new string('_', 15)} sign {new string('_', 10)}"
            );
        }
        return text.ToString();

        void Line(string line) => text.Append(line.TrimEnd()).Append('\n');
    }

    /// <summary>What was done to several volumes at once is one line.</summary>
    private static IEnumerable<(IReadOnlyList<int> Volumes, MediaMove Move)> Moves(MediaSetState set) =>
        set
            .Volumes.SelectMany(volume => volume.Moves)
            .DistinctBy(move => (move.At, move.Custody))
            .OrderBy(move => move.At)
            .Select(move => (move.Custody.Volumes, move));

    public static string WordOf(MediaAct act) =>
        act switch
        {
            MediaAct.Taken => "taken",
            MediaAct.Confirmed => "confirmed",
            MediaAct.Destroyed => "destroyed",
        };

    private static string At(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
