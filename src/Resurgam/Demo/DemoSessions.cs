using System.Diagnostics;
using System.Globalization;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Problems;

namespace Resurgam.Demo;

/// <summary>The demo's own Redis server, with a session for each number; on a socket of its own.</summary>
internal sealed class DemoSessions(string folder, string server, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(20);

    private Process? _process;

    /// <summary>Sessions whose command lies synced at the stream: the server itself said so.</summary>
    public int Acknowledged { get; private set; }

    public string DataDirectory => Path.Combine(folder, "sessions");

    public string Socket => Path.Combine(folder, "sessions.sock");

    public string ServerFolder => Path.GetDirectoryName(server) ?? "/";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(DataDirectory);
        ProcessStartInfo start = new(server) { RedirectStandardOutput = true };
        foreach (
            var word in (IReadOnlyList<string>)
                [
                    "--port",
                    "0",
                    "--unixsocket",
                    Socket,
                    "--dir",
                    DataDirectory,
                    "--save",
                    "",
                    "--appendonly",
                    "no",
                    "--repl-diskless-sync-delay",
                    "0",
                    "--logfile",
                    Path.Combine(folder, "sessions.log"),
                ]
        )
            start.ArgumentList.Add(word);
        _process = Process.Start(start) ?? throw DemoProblems.NotReady("the start of the Redis server");
        var began = time.GetTimestamp();
        while (!await AnswersAsync(cancellationToken))
        {
            if (time.GetElapsedTime(began) > ReadyLimit)
                throw DemoProblems.NotReady("an answer of the Redis server");
            await Task.Delay(Poll, time, cancellationToken);
        }
    }

    /// <summary>Adds sessions; a session counts when the stream has confirmed it.</summary>
    public async Task WriteAsync(int count, CancellationToken cancellationToken)
    {
        await using var session = await OpenAsync(cancellationToken);
        var last = Acknowledged + count;
        await AddAsync(session, Acknowledged + 1, last, cancellationToken);
        if (await session.AskAsync(["WAIT", "1", "10000"], cancellationToken) is not RespValue.Number { Value: > 0 })
            throw DemoProblems.NotReady("the confirmation of the sessions' stream");
        Acknowledged = last;
    }

    /// <summary>Adds the first sessions, where no stream is there to confirm them.</summary>
    public async Task AddAsync(int count, CancellationToken cancellationToken)
    {
        await using var session = await OpenAsync(cancellationToken);
        await AddAsync(session, 1, count, cancellationToken);
    }

    public Task<int> CountIntactAsync(CancellationToken cancellationToken) =>
        CountIntactAsync(Acknowledged, cancellationToken);

    /// <summary>Of the first so many.</summary>
    public async Task<int> CountIntactAsync(int count, CancellationToken cancellationToken)
    {
        await using var session = await OpenAsync(cancellationToken);
        var intact = 0;
        for (var number = 1; number <= count; number++)
            if ((await session.AskAsync(["GET", KeyOf(number)], cancellationToken)).AsText == TokenOf(number))
                intact++;
        return intact;
    }

    /// <summary>The server killed without warning, its files removed.</summary>
    public async Task DestroyAsync(CancellationToken cancellationToken)
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync(cancellationToken);
            process.Dispose();
            _process = null;
        }
        File.Delete(Socket);
        Directory.Delete(DataDirectory, recursive: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not { } process)
            return;
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None); // killed: at once
        process.Dispose();
    }

    private static async Task AddAsync(
        RedisConnection session,
        int first,
        int last,
        CancellationToken cancellationToken
    )
    {
        for (var number = first; number <= last; number++)
            await session.AskAsync(["SET", KeyOf(number), TokenOf(number)], cancellationToken);
    }

    private static string KeyOf(int number) => string.Create(CultureInfo.InvariantCulture, $"session:{number}");

    private static string TokenOf(int number) => string.Create(CultureInfo.InvariantCulture, $"token-{number * 7919L}");

    private Task<RedisConnection> OpenAsync(CancellationToken cancellationToken) =>
        RedisConnection.OpenAsync(new ConnectionSettings { Socket = Socket }, time, cancellationToken);

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await OpenAsync(cancellationToken);
            return (await session.ReadInfoAsync(cancellationToken))["loading"] == "0";
        }
        catch (ResurgamException)
        {
            return false; // it listens in a moment
        }
    }
}
