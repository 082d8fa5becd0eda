using System.Text;

namespace Resurgam.Core.Vaults;

/// <summary><c>RESTORE.md</c> in every vault and generation: the way back without us.</summary>
internal static class RestoreGuide
{
    public const string Name = "RESTORE.md";

    public static ReadOnlyMemory<byte> Utf8 => Encoding.UTF8.GetBytes(Text);

    public static bool IsGuide(string key) =>
        key == Name
        || (key.StartsWith(Vault.GenerationsPrefix, StringComparison.Ordinal) && key.Split('/') is [_, _, Name]);

    /// <remarks>It is not sealed, and people do in an emergency what it says. When the text is changed after a release, the one before has to stay known here.</remarks>
    /// <returns>What is wrong, in words; null when it is as we write it.</returns>
    public static string? FindFault(ReadOnlySpan<byte> bytes) =>
        bytes.SequenceEqual(Utf8.Span) ? null : "it is not the guide that we write";

    private const string Text = """
        # How to get the data back with nothing but stock restic

        Every folder `generations/YYYY-MM` is an ordinary restic repository (format 2). What you need: the vault's
        secret (the passphrase, or the content of the key file), restic 0.14 or newer, and PostgreSQL of the same
        major version for database clusters.

            export RESTIC_PASSWORD='the secret'
            export RESTIC_REPOSITORY=/path/to/vault/generations/2026-11
            restic snapshots                     # tags name the asset
            restic check --read-data             # is everything whole?
            restic restore SNAPSHOT --target /restore

        On a read-only store add `--no-lock` to the commands.

        ## A PostgreSQL cluster (tag kind=postgres)
        1. `restic restore` gives `pgdata/`, and for a large cluster also `pgdata.1/`, `pgdata.2/` ...: join them with
           `for s in /restore/pgdata.*; do cp -al "$s/." /restore/pgdata/; done`
        2. Tablespaces lie in `tablespaces/OID/` beside it: put each where you want it. `pgdata/pg_tblspc/OID` comes
           back as a link to the OLD place. Where the old cluster still lives, a server that starts on such a link
           writes into the living files. So replace every one, with -n, or the new link lands inside of the old place:
           `ln -sfn /new/place/OID /restore/pgdata/pg_tblspc/OID`
           `find /restore/pgdata/pg_tblspc -type l -printf '%p -> %l\n'` must show new places only.
        3. `chown -R postgres: /restore; chmod 700 /restore/pgdata`, and the new places of tablespaces likewise.
        4. `pg_verifybackup -n /restore/pgdata` has to say `backup successfully verified`: start nothing before. It
           follows the links, so it checks the tablespaces too (-n: it does not read the WAL).
        5. `pg_ctl -D /restore/pgdata start`: the WAL of the backup is included, the cluster comes up at the end of
           the backup. Debian keeps configuration outside of the data directory, others have links to it there: it is
           in `resurgam/config/`.

        ## A Redis or Valkey server (tag kind=redis)
        The folder `redis/` is the server's data directory. With the server stopped, put it where its `dir` is, with
        nothing else in it, and give it to the server's user. When there is an append-only file or folder in it, start
        with `appendonly yes`; else with `appendonly no`, and turn it on afterwards with `CONFIG SET appendonly yes`.

        ## Files (tag kind=files)
        The tree is the folder as it was; `restic restore` is all there is to do.

        The newest moments (the WAL stream in `wal/`) are sealed in a format of our own: see docs/formats/wal.md of the
        Resurgam project. Its program replays them up to the last acknowledged transaction.
        """;
}
