using System.Net;

namespace Resurgam.Adapters.Stores.Requests;

/// <summary>The HTTP client of a store: one pool of connections, no time limit of its own, nothing done behind our back.</summary>
internal static class StoreHttp
{
    /// <summary>Callers go parallel as they like; this bounds what a server sees of one process.</summary>
    private const int MostConnections = 64;

    /// <summary>The server's name may come to mean another address.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public static HttpClient Create(TimeSpan connectTimeout) =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                ConnectTimeout = connectTimeout,
                MaxConnectionsPerServer = MostConnections,
                PooledConnectionLifetime = ConnectionLifetime,
                UseCookies = false,
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
}
