using Resurgam.Core.Problems;

namespace Resurgam.Core.Plans;

public static partial class PlanProblems
{
    internal static Problem HostChoice(string path, int given) =>
        Of(
            "plan-host",
            given == 0 ? $"{path} does not say where the server is" : $"{path} names both a host and a socket",
            "Write exactly one of 'host: NAME' and 'socket: /PATH'."
        );

    internal static Problem TlsOnSocket(string path) =>
        Of(
            "plan-host",
            $"{path} asks for TLS on a unix socket",
            "Remove 'tls': nobody can listen in on a unix socket. Or write 'host' in place of 'socket'."
        );

    internal static Problem UserWithoutPassword(string path) =>
        Of(
            "plan-secret-source",
            $"{path} names a user and does not say where the password is",
            "Add for example: password: { env: REDIS_PASSWORD }"
        );

    internal static Problem KeyWithoutCertificate(string path) =>
        Of(
            "plan-missing-key",
            $"{path} names a key and no certificate",
            "Add the PEM file of the certificate: certificate: /etc/resurgam/redis.crt"
        );
}
