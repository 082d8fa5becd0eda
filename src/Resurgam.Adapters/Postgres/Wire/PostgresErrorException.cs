using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>What the server said, word for word: the cause inside the <see cref="ResurgamException"/> that callers see.</summary>
public sealed class PostgresErrorException : Exception
{
    internal PostgresErrorException(ServerError error)
        : base(error.ToString())
    {
        SqlState = error.SqlState;
        Severity = error.Severity;
        ServerMessage = error.Message;
        ServerDetail = error.Detail;
        ServerHint = error.Hint;
    }

    /// <summary>Five characters; the manual's appendix "PostgreSQL Error Codes" lists them.</summary>
    public string SqlState { get; }

    /// <summary>ERROR, FATAL or PANIC.</summary>
    public string Severity { get; }

    public string ServerMessage { get; }

    public string? ServerDetail { get; }

    public string? ServerHint { get; }

    /// <summary>The server refused a statement, and goes on: the fault is that statement's.</summary>
    internal static bool IsStatementsOwn(Exception failure) =>
        failure is ResurgamException { InnerException: PostgresErrorException { Severity: "ERROR" } };

    /// <summary>For <c>catch … when</c>.</summary>
    /// <returns>Null when the failure did not come from a server.</returns>
    public static string? SqlStateOf(Exception failure) =>
        failure is ResurgamException { InnerException: PostgresErrorException error } ? error.SqlState : null;
}
