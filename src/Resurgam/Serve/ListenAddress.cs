using System.Globalization;
using System.Net;
using Resurgam.Core.Problems;

namespace Resurgam.Serve;

/// <summary>Where the HTTP interface is offered.</summary>
internal sealed record ListenAddress(IPAddress Address, int Port)
{
    /// <summary>Nobody but this machine.</summary>
    public const string Default = "127.0.0.1:9463";

    public const string None = "none";

    /// <returns>Null for <see cref="None"/>.</returns>
    /// <exception cref="ResurgamException"><c>listen-address</c></exception>
    public static ListenAddress? Parse(string text)
    {
        if (text == None)
            return null;
        return IPEndPoint.TryParse(text, out var point) && point.Port > 0
            ? new ListenAddress(point.Address, point.Port)
            : throw ServeProblems.BadAddress(text);
    }

    public override string ToString() => new IPEndPoint(Address, Port).ToString();
}

internal static class ServeProblems
{
    public static ResurgamException BadAddress(string text) =>
        new(
            new Problem(
                "listen-address",
                Remedy.Fix,
                $"'{text}' is no address with a port",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Write --listen {ListenAddress.Default}, or --listen {ListenAddress.None}."
                )
            )
        );

    public static ResurgamException CannotListen(ListenAddress address, Exception cause) =>
        new(
            new Problem(
                "listen-failed",
                Remedy.Fix,
                $"cannot listen on {address}: {cause.Message}",
                "Another daemon may run there: choose another port with --listen, or --listen none."
            ),
            cause
        );
}
