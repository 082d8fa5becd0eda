namespace Resurgam.Adapters.Redis.Wire;

/// <summary>What a server says when it is asked to go on with its command stream. Closed.</summary>
public abstract record StreamAnswer
{
    private StreamAnswer() { }

    /// <summary>The stream goes on where it was left.</summary>
    /// <param name="Id">The history from here on: another one after a failover.</param>
    public sealed record Continues(string Id) : StreamAnswer;

    /// <summary>It no longer has what follows: all data come first, then the stream behind them.</summary>
    public sealed record Begins(RdbTransfer Transfer) : StreamAnswer;
}
