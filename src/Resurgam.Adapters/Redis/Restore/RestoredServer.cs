using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Redis.Servers;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Redis.Restore;

/// <summary>How a server of a restored data directory is started.</summary>
public sealed record RestoredServerRequest
{
    /// <summary>The data directory, absolute.</summary>
    public required string Target { get; init; }

    public required RedisBinaries Binaries { get; init; }

    /// <summary>Where clients find it, unless <see cref="Settings"/> say otherwise.</summary>
    public required int Port { get; init; }

    /// <summary>Clients have to know it; null: none.</summary>
    public SecretBytes? Password { get; init; }

    /// <summary>More lines of its settings; they win.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; init; } = [];
}

/// <summary>Starts a server in a restored data directory, waits until it has read its data, and leaves it running.</summary>
/// <remarks>
/// The settings of a server do not lie in its data directory: it gets those that the data need, an address of this machine alone, and what the caller
/// adds, in a file beside the data that only its user reads. Who runs it from then on brings its own settings.
/// </remarks>
public sealed class RestoredServer(RestoredServerRequest request, TimeProvider time)
{
    private const string Loopback = "127.0.0.1";

    /// <returns>In words: which process, and where.</returns>
    /// <exception cref="Core.Problems.ResurgamException"><c>redis-not-started</c></exception>
    public async Task<string> StartAsync(RedisRestoreResult restored, CancellationToken cancellationToken)
    {
        IReadOnlyList<(string Name, string Value)> settings =
        [
            .. DataSettings.For(request.Target, restored),
            ("bind", Loopback),
            ("port", request.Port.ToString(CultureInfo.InvariantCulture)),
            .. request.Settings,
        ];
        ConnectionSettings address = new()
        {
            Host = HostOf(Last(settings, "bind")),
            Port = int.TryParse(Last(settings, "port"), CultureInfo.InvariantCulture, out var port)
                ? port
                : request.Port,
            Password = request.Password,
        };
        var names = UserNames.Read();
        PrivateServer server = new(
            new ServerRequest
            {
                Binaries = request.Binaries,
                RunFolder = request.Target,
                Settings = settings,
                Address = address,
                User = UserNames.FindOwnerToBe(request.Target) is { } owner ? names.UserOf(owner.User) : null,
            },
            time
        );
        await server.StartAsync(cancellationToken);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"process {server.FindProcess()} serves {request.Target} at {address.Host}:{address.Port}, with the settings in {server.ConfigFile}"
        );
    }

    private static string Last(IReadOnlyList<(string Name, string Value)> settings, string name) =>
        settings.Last(setting => setting.Name == name).Value;

    /// <summary>Of the addresses that it listens on, one that leads to it from here.</summary>
    private static string HostOf(string bind) =>
        bind.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()?.TrimStart('-')
            is { Length: > 0 } first
                and not ("*" or "0.0.0.0")
            ? first
            : Loopback;
}
