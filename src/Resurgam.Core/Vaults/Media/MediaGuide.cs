using System.Text;

namespace Resurgam.Core.Vaults.Media;

/// <summary><c>README.md</c> of every volume: the way back for who finds it in a box.</summary>
internal static class MediaGuide
{
    public const string FileName = "README.md";

    public static ReadOnlyMemory<byte> Utf8 => Encoding.UTF8.GetBytes(Text);

    private const string Text = """
        # A volume of a Resurgam vault

        VOLUME.json says which volume of which set this is, CATALOGUE.tsv what is on which volume of the set (0: on each).
        Everything is sealed: without the vault's secret nobody can read any of it.

        ## With Resurgam
            resurgam vault media read VOLUME... --to /srv/vault

        In any order, one after the other or all at once; it says which volumes are still needed, and what is damaged.
        Then /srv/vault is the vault: name it in a plan as `store: file:///srv/vault` and restore.

        ## Without
        Every volume is an ordinary tar archive. Unpack all of them in one folder:

            for v in *.tar; do tar -xf "$v" --skip-old-files -C /srv; done     # a tape: tar -b 128 -xf /dev/nst0 ...

        /srv/vault/RESTORE.md tells how stock restic restores from it.

        """;
}
