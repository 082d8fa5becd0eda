using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using Resurgam.Adapters.Postgres.Wal;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Cli;

namespace Resurgam.Wal;

/// <summary>Hidden: started by a stream that commits wait for, see <see cref="GuardProcess"/>.</summary>
internal static class WalGuardCommand
{
    public static Command Create()
    {
        Command command = new(GuardProcess.CommandName, "Take a stream that is gone out of synchronous_standby_names.");
        command.Hidden = true;
        command.SetAction((line, cancellationToken) => RunAsync(Session.Of(line), cancellationToken));
        return command;
    }

    /// <summary>SIGTERM, which systemd sends to all processes of a unit, is an order to leave as well.</summary>
    private static async Task<int> RunAsync(Session session, CancellationToken leave)
    {
        // The terminal that the stream ran in may be closed: that is one of the moments it is for.
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, static signal => signal.Cancel = true);
        using StreamReader input = new(Console.OpenStandardInput());
        if (await input.ReadLineAsync(leave) is not { } line)
            throw GuardProblems.NoOrder();
        var order = JsonSerializer.Deserialize(line, WatchJson.Default.WatchOrder) ?? throw GuardProblems.NoOrder();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(leave);
        var isOrphan = false;
        var listening = ListenAsync();
        WalStreamSettings settings = new()
        {
            Asset = order.Asset,
            Folder = order.Folder,
            Slot = order.Slot,
        };
        SyncWatchdog watchdog = new(
            settings,
            order.Wait,
            ConnectionSettings.Parse(order.Connection, session.Around.FindVariable),
            session.Time,
            Tell
        )
        {
            IsOrphan = () => Volatile.Read(ref isOrphan),
            StreamBeganAt = order.StreamBeganAt,
        };
        await watchdog.RunAsync(either.Token, CancellationToken.None);
        return ExitCode.Success;

        async Task ListenAsync()
        {
            while (await input.ReadLineAsync(CancellationToken.None) is { } word)
                if (word == GuardProcess.Leave)
                    await either.CancelAsync();
            Volatile.Write(ref isOrphan, true);
        }

        void Tell(string what)
        {
            session.Around.Stdout.WriteLine(what);
            session.Around.Stdout.Flush();
        }
    }
}
