using System.Buffers.Binary;

namespace Resurgam.Adapters.Postgres.Servers;

/// <summary>What a server's own files tell of its state, whether or not it takes connections.</summary>
internal static class ServerState
{
    private const int InProduction = 6; // pg_control.h: DBState
    private const int StateOffset = 16;
    private const int StatusLine = 7; // pidfile.h: LOCK_FILE_LINE_PM_STATUS, from 0

    /// <summary>True when recovery is over and the server takes writes.</summary>
    public static bool IsInProduction(string dataDirectory)
    {
        Span<byte> state = stackalloc byte[sizeof(int)];
        using (var control = File.OpenHandle(Path.Combine(dataDirectory, "global/pg_control")))
            if (RandomAccess.Read(control, state, StateOffset) < state.Length)
                return false;
        return BinaryPrimitives.ReadInt32LittleEndian(state) == InProduction && IsReady(dataDirectory);
    }

    private static bool IsReady(string dataDirectory)
    {
        var pidFile = Path.Combine(dataDirectory, "postmaster.pid");
        return File.Exists(pidFile)
            && File.ReadLines(pidFile).ElementAtOrDefault(StatusLine) is { } status
            && status.StartsWith("ready", StringComparison.Ordinal);
    }
}
