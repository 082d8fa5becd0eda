using System.Text;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>An ErrorResponse or NoticeResponse.</summary>
/// <remarks>Source: the manual, "Error and Notice Message Fields".</remarks>
/// <param name="Severity">Never translated: ERROR, FATAL, PANIC, WARNING, NOTICE, …</param>
/// <param name="SqlState">Five characters.</param>
/// <param name="Message">In the server's language.</param>
internal sealed record ServerError(string Severity, string SqlState, string Message, string? Detail, string? Hint)
{
    /// <summary>The server closes the connection after it.</summary>
    public bool IsFatal => Severity is "FATAL" or "PANIC";

    public static ServerError Read(ReadOnlySpan<byte> body)
    {
        var (severity, sqlState, message) = ("ERROR", "XX000", "");
        string? detail = null;
        string? hint = null;
        var fields = new FieldReader(body);
        while (!fields.AtEnd && fields.Byte() is not 0 and var field)
        {
            var text = fields.Text();
            switch (field)
            {
                case (byte)'V':
                    severity = text;
                    break;
                case (byte)'C':
                    sqlState = text;
                    break;
                case (byte)'M':
                    message = text;
                    break;
                case (byte)'D':
                    detail = text;
                    break;
                case (byte)'H':
                    hint = text;
                    break;
            }
        }
        return new ServerError(severity, sqlState, message, detail, hint);
    }

    /// <summary>Message and detail on one line, with the SQLSTATE.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Message.TrimEnd('.'));
        if (Detail is not null)
            text.Append(": ").Append(Detail.TrimEnd('.'));
        return text.Append(" (SQLSTATE ").Append(SqlState).Append(')').ToString();
    }
}
