using Resurgam.Adapters.LogicalPostgres.Servers;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.LogicalPostgres.Restore;

/// <summary>Brings one database of a snapshot onto a server, under any name. The dump goes from the vault into the server and touches no disk.</summary>
/// <param name="serverVersion">Of the server that is loaded: <c>150004</c>.</param>
internal sealed class DatabaseLoad(
    ConnectionSettings server,
    int serverVersion,
    DumpPrograms programs,
    SnapshotReader reader,
    IWorkProgress progress
)
{
    private const string InvalidParameter = "22023";
    private const string WrongObjectType = "42809";

    /// <summary>Makes an empty database that lets nobody in before <see cref="OpenAsync"/>.</summary>
    /// <param name="admin">A session to another database.</param>
    /// <param name="allowsOtherLocale">Where this machine lacks the locale, sort as C does: only in a copy to look at.</param>
    /// <returns>False when the locale is another one.</returns>
    public static async Task<bool> CreateAsync(
        PostgresConnection admin,
        LogicalDatabase database,
        string name,
        bool allowsOtherLocale,
        CancellationToken cancellationToken
    )
    {
        var start =
            $"create database {SqlText.Identifier(name)} template template0 encoding {SqlText.Literal(database.Encoding)} allow_connections false";
        try
        {
            await admin.QueryAsync(start + LocaleOf(database, admin.ServerVersion), cancellationToken);
            return true;
        }
        catch (Core.Problems.ResurgamException e)
            when (allowsOtherLocale && PostgresErrorException.SqlStateOf(e) is InvalidParameter or WrongObjectType)
        {
            await admin.QueryAsync($"{start} lc_collate 'C' lc_ctype 'C'", cancellationToken);
            return false;
        }
    }

    /// <summary>Lets sessions into a database that was made.</summary>
    public static async Task OpenAsync(PostgresConnection admin, string name, CancellationToken cancellationToken) =>
        await admin.QueryAsync($"alter database {SqlText.Identifier(name)} allow_connections true", cancellationToken);

    /// <summary>Owner, settings and grants of the database itself.</summary>
    public static async Task SetPropertiesAsync(
        PostgresConnection admin,
        LogicalDatabase database,
        string name,
        CancellationToken cancellationToken
    )
    {
        var quoted = SqlText.Identifier(name);
        await admin.QueryAsync(
            $"alter database {quoted} owner to {SqlText.Identifier(database.Owner)}",
            cancellationToken
        );
        foreach (var property in database.Properties)
            await admin.QueryAsync(
                property.Replace(LogicalDatabase.DatabaseMark, quoted, StringComparison.Ordinal),
                cancellationToken
            );
    }

    /// <returns>Bytes of the dump.</returns>
    public async Task<long> LoadAsync(
        SnapshotEntry snapshot,
        LogicalDatabase database,
        string name,
        CancellationToken cancellationToken
    )
    {
        progress.Stage($"loading {name}");
        progress.Expect(database.DumpBytes);
        var file = await reader.FindAsync(snapshot, database.File, cancellationToken);
        var goesOn = LoadErrors.MustGoOn(programs.Major, serverVersion / 10000);
        await using var load = programs.StartLoad(server, name, goesOn);
        try
        {
            await using CountedStream input = new(load.Input, progress);
            await reader.CopyToAsync(file, input, cancellationToken);
        }
        catch (IOException)
        {
            // It has stopped reading: its exit code and its words say why.
        }
        var (exitCode, error) = await load.EndAsync(cancellationToken);
        if (exitCode == 0)
            return file.SizeBytes;
        var errors = LoadErrors.Read(error);
        return goesOn && errors.IsHarmless
            ? file.SizeBytes
            : throw DumpProblems.Failed("pg_restore", name, goesOn ? errors.Rest : error);
    }

    private static string LocaleOf(LogicalDatabase database, int serverVersion)
    {
        var text =
            $" lc_collate {SqlText.Literal(database.Collation)} lc_ctype {SqlText.Literal(database.CharacterType)}";
        return (database.LocaleProvider, database.Locale) switch
        {
            ("i", { } icu) => $"{text} locale_provider icu icu_locale {SqlText.Literal(icu)}",
            ("b", { } builtin) when serverVersion >= 170000 =>
                $"{text} locale_provider builtin builtin_locale {SqlText.Literal(builtin)}",
            _ => text + (serverVersion >= 150000 ? " locale_provider libc" : ""),
        };
    }

    /// <summary>Tells the progress of what goes by.</summary>
    private sealed class CountedStream(Stream inner, IWorkProgress progress) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            await inner.WriteAsync(buffer, cancellationToken);
            progress.Add(buffer.Length);
        }

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
