using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Resurgam.Core.Problems;

namespace Resurgam.Serve;

/// <summary>Where the HTTP interface is offered: an address with a port, or a unix socket.</summary>
internal sealed record ListenAddress(EndPoint Point)
{
    /// <summary>Nobody but this machine.</summary>
    public const string Default = "127.0.0.1:9463";

    public const string None = "none";

    private const string UnixPrefix = "unix:";

    /// <summary>Of the unix socket; null for an address with a port.</summary>
    public string? SocketPath => Point is UnixDomainSocketEndPoint ? ToString()[UnixPrefix.Length..] : null;

    /// <param name="texts">What <c>--listen</c> was given, each time.</param>
    /// <returns>Nothing for <see cref="None"/>.</returns>
    /// <exception cref="ResurgamException"><c>listen-address</c></exception>
    public static IReadOnlyList<ListenAddress> ParseAll(IReadOnlyList<string> texts) =>
        texts is [None] ? [] : [.. texts.Select(Parse)];

    public static ListenAddress Parse(string text)
    {
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
            return TryUnix(text[UnixPrefix.Length..]) ?? throw ServeProblems.BadAddress(text);
        return IPEndPoint.TryParse(text, out var point) && point.Port > 0
            ? new ListenAddress(point)
            : throw ServeProblems.BadAddress(text);
    }

    public override string ToString() => Point is UnixDomainSocketEndPoint unix ? $"{UnixPrefix}{unix}" : $"{Point}";

    /// <summary>The kernel takes 107 bytes.</summary>
    private static ListenAddress? TryUnix(string path)
    {
        if (!path.StartsWith('/'))
            return null;
        try
        {
            return new ListenAddress(new UnixDomainSocketEndPoint(path));
        }
        catch (ArgumentException)
        {
            return null; // too long
        }
    }
}

internal static class ServeProblems
{
    public static ResurgamException BadAddress(string text) =>
        new(
            new Problem(
                "listen-address",
                Remedy.Fix,
                $"'{text}' is no address with a port, and no unix socket",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Write --listen {ListenAddress.Default}, --listen unix:/run/resurgam/api.sock, or --listen {ListenAddress.None}."
                )
            )
        );

    public static ResurgamException CannotListen(IReadOnlyList<ListenAddress> addresses, Exception cause) =>
        new(
            new Problem(
                "listen-failed",
                Remedy.Fix,
                $"cannot listen on {string.Join(", ", addresses)}: {cause.Message}",
                "Another daemon may run there, or a file that is no socket be in the way: choose another port or path with --listen, or --listen none."
            ),
            cause
        );
}
