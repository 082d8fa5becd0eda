using System.Globalization;
using Resurgam.Core.Plans;

namespace Resurgam.Plans;

internal static class RedisRows
{
    public static void Write(TextWriter text, Asset.Redis redis)
    {
        text.WriteRow(
            "server",
            redis.Socket
                ?? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{redis.Host}:{redis.Port}, {(redis.Tls is null ? "without TLS" : "TLS")}"
                )
        );
        text.WriteRow("user", redis.User ?? "the server's default user");
        text.WriteRow("password", redis.Password?.ToString() ?? "none");
        text.WriteRow("binaries", redis.Binaries ?? "found in PATH");
        text.WriteRow("restore", redis.StartEmpty ? "starts empty" : "with its keys");
        text.WriteRow(
            "AOF",
            redis.AppendOnly switch
            {
                null => "as the captured server has it",
                true => "yes",
                false => "no",
            }
        );
    }
}
