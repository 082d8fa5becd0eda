using System.Formats.Tar;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;

namespace Resurgam.Tests.Postgres.Wire;

/// <summary>Whole conversations with a scripted server, cut at every byte and damaged at every byte.</summary>
public sealed class ConversationTests
{
    private static readonly ConnectionSettings Settings = new()
    {
        Host = "/nowhere",
        User = "postgres",
        Database = "postgres",
    };

    private static readonly byte[] Tar = MakeTar();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. Conversations.Keys];

    private static readonly Dictionary<
        string,
        (byte[] Script, Func<PostgresConnection, Task<string>> Talk)
    > Conversations = new()
    {
        ["query"] = (
            Script
                .Started("18.4")
                .Notice("NOTICE", "hear, hear")
                .Rows(["no"])
                .Rows(["a", null], ["b", ""])
                .Add('C', Script.Text("COMMIT"))
                .Ready()
                .Bytes,
            TalkQueryAsync
        ),
        ["identify"] = (
            Script.Started("18.4").Rows(["7512345678901234567", "3", "16/B374D848", null]).Ready().Bytes,
            async connection => $"{await connection.IdentifySystemAsync(Token)}"
        ),
        ["slot"] = (
            Script.Started("18.4").Rows(["physical", "0/2000000", "1"]).Ready().Bytes,
            async connection => $"{await connection.ReadSlotAsync("spool", Token)}"
        ),
        ["history"] = (
            Script.Started("18.4").Rows(["00000002.history", "1\t0/3000000\tx\n"]).Ready().Bytes,
            TalkHistoryAsync
        ),
        ["backup"] = (Backup("18.4").Bytes, TalkBackupAsync),
        ["legacy backup"] = (LegacyBackup().Bytes, TalkBackupAsync),
        ["stream"] = (Stream().Bytes, TalkStreamAsync),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_understood_does_not_depend_on_where_the_bytes_are_cut(string name)
    {
        var (script, talk) = Conversations[name];
        var whole = await TalkAsync(script, _ => int.MaxValue, talk);

        Assert.Equal(whole, await TalkAsync(script, _ => 1, talk));
        foreach (var cut in Cuts(script, every: 1))
            Assert.Equal(whole, await TalkAsync(script, at => at < cut ? cut - at : int.MaxValue, talk));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_conversation_that_breaks_off_is_a_lost_connection(string name)
    {
        var (script, talk) = Conversations[name];
        foreach (var length in Cuts(script, every: 11))
        {
            var failure = await Assert.ThrowsAsync<ResurgamException>(() =>
                TalkAsync(script[..length], _ => int.MaxValue, talk)
            );
            Assert.Equal(("postgres-connection-lost", Remedy.Retry), (failure.Problem.Code, failure.Problem.Remedy));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_bytes_are_a_problem_and_never_a_crash(string name)
    {
        var (script, talk) = Conversations[name];
        Gen.Select(Gen.Int[0, script.Length - 1], Gen.Byte)
            .Sample(
                (at, value) =>
                {
                    var damaged = script.ToArray();
                    damaged[at] = value;
                    try
                    {
                        TalkAsync(damaged, _ => int.MaxValue, talk).GetAwaiter().GetResult();
                    }
                    catch (ResurgamException failure)
                    {
                        Assert.StartsWith("postgres-", failure.Problem.Code, StringComparison.Ordinal);
                    }
                    catch (Exception cause)
                        when (cause is InvalidDataException or EndOfStreamException or OverflowException)
                    {
                        // The archive's own bytes are damaged: this test's reader of archives says so, in several ways.
                    }
                },
                iter: 300,
                threads: 1
            );
    }

    [Fact]
    public async Task A_backup_is_read_part_by_part()
    {
        var expected =
            "0/2000028 1 [base:1 16384:/spc] base.tar(PG_VERSION=18) 16384.tar@/spc(PG_VERSION=18) manifest({}) 0/2000100 1";

        Assert.Equal(expected, await TalkAsync(Backup("18.4").Bytes, _ => int.MaxValue, TalkBackupAsync));
        Assert.Equal(
            expected
                .Replace("[base:1 16384:/spc]", "[16384:/spc base:1]", StringComparison.Ordinal)
                .Replace(
                    "base.tar(PG_VERSION=18) 16384.tar@/spc(PG_VERSION=18)",
                    "16384.tar@/spc(PG_VERSION=18) base.tar(PG_VERSION=18)",
                    StringComparison.Ordinal
                ),
            await TalkAsync(LegacyBackup().Bytes, _ => int.MaxValue, TalkBackupAsync)
        );
    }

    [Fact]
    public async Task Parts_that_nobody_reads_are_skipped()
    {
        foreach (var script in new[] { Backup("18.4"), LegacyBackup() })
        {
            await using var connection = await OpenAsync(new ScriptedStream(script.Bytes, _ => int.MaxValue));
            var backup = await connection.StartBaseBackupAsync(new BaseBackupOptions(), Token);
            var count = 0;
            while (await backup.NextAsync(Token) is not null)
                count++;

            Assert.Equal(3, count);
            Assert.Equal(Lsn.Parse("0/2000100"), backup.EndLsn);
            Assert.Equal("(WARNING) careful", string.Join(",", backup.Warnings.Select(_ => "(WARNING) careful")));
            Assert.Null(await backup.NextAsync(Token));
        }
    }

    [Fact]
    public async Task A_stream_is_read_to_its_end()
    {
        var expected =
            "0/3000000+5 end 0/3000005; alive 0/3000005 reply; 0/3000005+70000 end 0/4000000; next 2 at 0/3030D45";

        Assert.Equal(expected, await TalkAsync(Stream().Bytes, _ => int.MaxValue, TalkStreamAsync));
    }

    [Fact]
    public async Task A_status_has_the_layout_of_the_manual()
    {
        var stream = new ScriptedStream(Stream().Bytes, _ => int.MaxValue);
        await using var connection = await OpenAsync(stream);
        using var receiver = await connection.StartReplicationAsync(null, 1, Lsn.Parse("0/3000000"), Token);
        stream.Heard.SetLength(0);

        await receiver.SendStatusAsync(new Lsn(0x0102), new Lsn(0x0304), new Lsn(0x0506), replyRequested: true, Token);

        // 'd', length 38, 'r', written, flushed, applied, one second after 2000-01-01 in microseconds, reply.
        Assert.Equal(
            "6400000026"
                + "72"
                + "0000000000000102"
                + "0000000000000304"
                + "0000000000000506"
                + "00000000000F4240"
                + "01",
            Convert.ToHexString(stream.Heard.ToArray())
        );
    }

    [Fact]
    public async Task Commands_are_written_in_the_grammar_of_the_replication_protocol()
    {
        var stream = new ScriptedStream(Stream().Bytes, _ => int.MaxValue);
        await using var connection = await OpenAsync(stream);
        stream.Heard.SetLength(0);

        using var receiver = await connection.StartReplicationAsync("a\"b", 7, Lsn.Parse("16/B3000000"), Token);

        Assert.Equal(
            "START_REPLICATION SLOT \"a\"\"b\" PHYSICAL 16/B3000000 TIMELINE 7\0",
            Encoding.UTF8.GetString(stream.Heard.ToArray().AsSpan(5))
        );
    }

    [Fact]
    public async Task A_fatal_error_is_told_although_the_server_closes()
    {
        var script = new Script().Error("FATAL", "53300", "sorry, too many clients already").Bytes;

        var failure = await Assert.ThrowsAsync<ResurgamException>(() => OpenAsync(new ScriptedStream(script, _ => 3)));

        Assert.Equal(("postgres-too-many-connections", Remedy.Retry), (failure.Problem.Code, failure.Problem.Remedy));
        Assert.Equal("53300", PostgresErrorException.SqlStateOf(failure));
    }

    [Fact]
    public async Task A_huge_message_before_authentication_is_not_believed()
    {
        byte[] script = [(byte)'R', .. Script.Int32(0x3000_0000)];

        var failure = await Assert.ThrowsAsync<ResurgamException>(() =>
            OpenAsync(new ScriptedStream(script, _ => int.MaxValue))
        );

        Assert.Equal("postgres-protocol", failure.Problem.Code);
    }

    [Fact]
    public async Task An_old_server_is_refused()
    {
        var failure = await Assert.ThrowsAsync<ResurgamException>(() =>
            OpenAsync(new ScriptedStream(Script.Started("13.22").Bytes, _ => int.MaxValue))
        );

        Assert.Equal("postgres-version-unsupported", failure.Problem.Code);
    }

    /// <summary>Places to cut: of what is long only the beginning and the end, where the headers are.</summary>
    private static IEnumerable<int> Cuts(byte[] script, int every) =>
        Enumerable
            .Range(0, script.Length / every)
            .Select(cut => cut * every)
            .Where(cut => script.Length < 10_000 || cut < 500 || cut > script.Length - 200);

    private static async Task<string> TalkAsync(
        byte[] script,
        Func<int, int> pieceBytesAt,
        Func<PostgresConnection, Task<string>> talk
    )
    {
        await using var connection = await OpenAsync(new ScriptedStream(script, pieceBytesAt));
        return await talk(connection);
    }

    private static async Task<PostgresConnection> OpenAsync(Stream stream)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2000, 1, 1, 0, 0, 1, TimeSpan.Zero));
        var transport = new Transport(stream, socket: null, isLocal: true);
        var session = new ProtocolSession(transport, "server", time);
        await Handshake.StartAsync(session, transport, Settings, SessionKind.PhysicalReplication, Token);
        return new PostgresConnection(session, Settings, SessionKind.PhysicalReplication);
    }

    private static async Task<string> TalkQueryAsync(PostgresConnection connection)
    {
        var rows = await connection.QueryAsync("select", Token);
        return $"{connection.ServerVersion} "
            + string.Join(";", rows.Select(row => string.Join(",", row.Select(value => value ?? "null"))));
    }

    private static async Task<string> TalkHistoryAsync(PostgresConnection connection)
    {
        var history = await connection.TimelineHistoryAsync(2, Token);
        return $"{history?.FileName} {Encoding.UTF8.GetString(history?.Content ?? [])}";
    }

    private static async Task<string> TalkBackupAsync(PostgresConnection connection)
    {
        var backup = await connection.StartBaseBackupAsync(new BaseBackupOptions(), Token);
        var told = new StringBuilder($"{backup.StartLsn} {backup.StartTimeline} [");
        told.AppendJoin(
            ' ',
            backup.Tablespaces.Select(space =>
                $"{(space.Oid is { } oid ? $"{oid}:{space.Location}" : $"base:{space.SizeKb}")}"
            )
        );
        told.Append(']');
        while (await backup.NextAsync(Token) is { } part)
        {
            if (part is BaseBackupPart.Archive archive)
            {
                told.Append($" {archive.Name}{(archive.Tablespace is { } folder ? "@" + folder : "")}(");
                await using var reader = new TarReader(archive.Tar);
                while (await reader.GetNextEntryAsync(copyData: true, Token) is { DataStream: { } data } entry)
                {
                    using var text = new StreamReader(data);
                    told.Append($"{entry.Name}={(await text.ReadToEndAsync(Token)).Trim()}");
                }
                told.Append(')');
            }
            else if (part is BaseBackupPart.Manifest manifest)
            {
                using var text = new StreamReader(manifest.Json);
                told.Append($" manifest({await text.ReadToEndAsync(Token)})");
            }
        }
        return told.Append($" {backup.EndLsn} {backup.EndTimeline}").ToString();
    }

    private static async Task<string> TalkStreamAsync(PostgresConnection connection)
    {
        using var receiver = await connection.StartReplicationAsync(null, 1, Lsn.Parse("0/3000000"), Token);
        var told = new StringBuilder();
        while (await receiver.ReadAsync(Token) is { } message)
        {
            told.Append(
                message.Kind == WalMessageKind.Data
                    ? $"{message.Start}+{message.Bytes.Length} end {message.ServerEnd}; "
                    : $"alive {message.ServerEnd}{(message.ReplyRequested ? " reply" : "")}; "
            );
        }
        var next = await receiver.FinishAsync(Token);
        return told.Append($"next {next?.NextTimeline} at {next?.SwitchLsn}").ToString();
    }

    private static Script Backup(string version)
    {
        var script = Script
            .Started(version)
            .Notice("WARNING", "careful")
            .Rows(["0/2000028", "1"])
            .Rows([null, null, "1"], ["16384", "/spc", "2"])
            .Add('H', [0, 0, 0])
            .Add('d', "n"u8.ToArray(), Script.Text("base.tar"), Script.Text(""));
        AddPieces(script, [.. Tar, .. new byte[1024]], "d"u8.ToArray());
        script
            .Add('d', "p"u8.ToArray(), Script.Int64(1000))
            .Add('d', "n"u8.ToArray(), Script.Text("16384.tar"), Script.Text("/spc"));
        AddPieces(script, [.. Tar, .. new byte[1024]], "d"u8.ToArray());
        return script
            .Add('d', "m"u8.ToArray())
            .Add('d', "d{"u8.ToArray())
            .Add('d', "d}"u8.ToArray())
            .Add('c')
            .Rows(["0/2000100", "1"])
            .Add('C', Script.Text("BASE_BACKUP"))
            .Ready();
    }

    private static Script LegacyBackup()
    {
        var script = Script
            .Started("14.9")
            .Rows(["0/2000028", "1"])
            .Rows(["16384", "/spc", "2"], [null, null, "1"])
            .Notice("WARNING", "careful");
        foreach (var _ in new[] { "spc", "base" })
        {
            script.Add('H', [0, 0, 0]);
            AddPieces(script, Tar, []);
            script.Add('c');
        }
        return script
            .Add('H', [0, 0, 0])
            .Add('d', "{"u8.ToArray())
            .Add('d', "}"u8.ToArray())
            .Add('c')
            .Rows(["0/2000100", "1"])
            .Add('C', Script.Text("SELECT"))
            .Ready();
    }

    private static Script Stream() =>
        Script
            .Started("18.4")
            .Add('W', [0, 0, 0])
            .Add('d', Wal(0x3000000, 0x3000005, 5))
            .Add('d', "k"u8.ToArray(), Script.Int64(0x3000005), Script.Int64(1_000_000), [1])
            .Notice("NOTICE", "in between")
            .Add('d', Wal(0x3000005, 0x4000000, 70_000))
            .Add('c')
            .Rows(["2", "0/3030D45"])
            .Add('C', Script.Text("START_STREAMING"))
            .Ready();

    private static byte[] Wal(long start, long end, int lengthBytes) =>
        [(byte)'w', .. Script.Int64(start), .. Script.Int64(end), .. Script.Int64(2_000_000), .. new byte[lengthBytes]];

    private static void AddPieces(Script script, byte[] content, byte[] prefix)
    {
        foreach (var piece in content.Chunk(700))
            script.Add('d', prefix, piece);
    }

    /// <summary>One small file, without the two blocks of zeros at the end.</summary>
    private static byte[] MakeTar()
    {
        using var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            using var content = new MemoryStream("18\n"u8.ToArray());
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "PG_VERSION") { DataStream = content });
        }
        return bytes.ToArray()[..1024];
    }
}
