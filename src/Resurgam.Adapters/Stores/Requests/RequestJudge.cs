using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Stores.Requests;

/// <summary>Knows what the failures of one kind of server mean.</summary>
internal abstract class RequestJudge
{
    /// <summary>The server, the network or the client of it; anything else is a bug of ours.</summary>
    public virtual bool IsOfTheServer(Exception e) =>
        e is HttpRequestException or IOException or System.Net.Sockets.SocketException or OperationCanceledException;

    /// <param name="what">For messages: "write data/ab/abcd".</param>
    public abstract RequestFault Judge(string what, Exception e);

    public abstract ResurgamException Stalled(string what, TimeSpan limit, Exception e);
}

/// <summary>What a failed attempt means.</summary>
/// <param name="IsPassing">The same request may succeed in a moment.</param>
/// <param name="IsAnswer">The server said it; else nobody answered.</param>
internal sealed record RequestFault(ResurgamException Problem, bool IsPassing, bool IsAnswer = true);
