using System.Net.Sockets;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>From nothing to a server that is ready for the first command: socket, TLS, startup, authentication.</summary>
internal static class Handshake
{
    private const string AccessDenied = "28000";

    public static async Task<ProtocolSession> OpenAsync(
        ConnectionSettings settings,
        SessionKind kind,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await OpenOnceAsync(settings, kind, time, cancellationToken);
        }
        catch (Core.Problems.ResurgamException failure)
            when (settings is { SslMode: SslMode.Prefer, IsUnixSocket: false }
                && (
                    failure.Problem.Code == PostgresProblems.TlsFailedCode
                    || PostgresErrorException.SqlStateOf(failure) == AccessDenied
                )
            )
        {
            // As libpq: who prefers TLS takes none when TLS fails, or when pg_hba.conf lets in only those without.
            return await OpenOnceAsync(settings with { SslMode = SslMode.Disable }, kind, time, cancellationToken);
        }
    }

    private static async Task<ProtocolSession> OpenOnceAsync(
        ConnectionSettings settings,
        SessionKind kind,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var transport = await ConnectAsync(settings, cancellationToken);
        var session = new ProtocolSession(transport, settings.Server, time);
        try
        {
            await StartAsync(session, transport, settings, kind, cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private static async Task<Transport> ConnectAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        var socket = await Dialer.DialAsync(settings, cancellationToken);
        Stream stream = settings is { BlocksThread: true, IsUnixSocket: true }
            ? new BlockingSocketStream(socket)
            : new NetworkStream(socket, ownsSocket: true);
        var plain = new Transport(stream, socket, settings.IsUnixSocket);
        if (settings.IsUnixSocket || settings.SslMode == SslMode.Disable)
            return plain;
        try
        {
            return await TlsUpgrade.UpgradeAsync(plain, settings, cancellationToken);
        }
        catch
        {
            await plain.DisposeAsync();
            throw;
        }
    }

    /// <summary>Startup message, authentication, and the server's words until it is ready.</summary>
    internal static async Task StartAsync(
        ProtocolSession session,
        Transport transport,
        ConnectionSettings settings,
        SessionKind kind,
        CancellationToken cancellationToken
    )
    {
        var command = kind == SessionKind.Sql ? CommandKind.Startup : CommandKind.ReplicationStartup;
        await session.SendAsync(FrontendMessages.Startup(Parameters(settings, kind)), cancellationToken);
        var authentication = new Authentication(session, transport, settings, kind);
        await authentication.RunAsync(command, cancellationToken);
        session.Authenticated();
        while (true)
        {
            var message = await session.ReadAnswerAsync(command, cancellationToken);
            if (message.Type == MessageType.ReadyForQuery)
                break;
            if (message.Type is not (MessageType.BackendKeyData or MessageType.NegotiateProtocolVersion))
                throw session.Unexpected(message.Type);
        }
        session.Ready();
        if (session.ServerVersion < ServerVersions.Oldest)
            throw PostgresProblems.VersionUnsupported(session.Server, session.Parameter("server_version") ?? "unknown");
    }

    private static IEnumerable<(string Name, string Value)> Parameters(ConnectionSettings settings, SessionKind kind)
    {
        yield return ("user", settings.User);
        if (kind == SessionKind.Sql)
        {
            yield return ("database", settings.Database);
            yield return ("client_encoding", "UTF8");
            yield return ("DateStyle", "ISO");
        }
        else
        {
            yield return ("replication", "true");
        }
        yield return ("application_name", settings.ApplicationName);
        if (settings.Options is { } options)
            yield return ("options", options);
    }
}
