using System.Globalization;
using Resurgam.Adapters.Network;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Redis.Wire;

/// <summary>Everything that can go wrong between us and a Redis server.</summary>
internal static class RedisProblems
{
    internal const string ConnectionLostCode = "redis-connection-lost";

    public static ResurgamException Unreachable(string server, string reason, Exception? cause) =>
        Of(
            "redis-unreachable",
            Remedy.Retry,
            $"cannot reach {server}: {reason}",
            "Check that it runs and listens there: 'redis-cli -h HOST -p PORT ping', and 'bind', 'port', 'tls-port' and 'unixsocket' of its configuration.",
            cause
        );

    public static ResurgamException ConnectionLost(string server, Exception? cause) =>
        Of(
            ConnectionLostCode,
            Remedy.Retry,
            cause is null ? $"{server} closed the connection" : $"the connection to {server} broke: {cause.Message}",
            "Look into the server's log for the reason; a port that takes only TLS needs 'tls' in the plan, and most of those 'certificate' in it.",
            cause
        );

    public static ResurgamException Silent(string server, TimeSpan limit) =>
        Of(
            "redis-silent",
            Remedy.Retry,
            string.Create(CultureInfo.InvariantCulture, $"{server} has said nothing for {limit.TotalSeconds:0} s"),
            "Look whether it still works ('redis-cli --latency', 'SLOWLOG GET') and at firewalls that drop idle connections."
        );

    public static ResurgamException TransferCut(string server, long receivedBytes, Exception cause) =>
        Of(
            "redis-transfer-cut",
            Remedy.Retry,
            $"{server} ended its transfer after {new ByteSize(receivedBytes)}, before its end",
            "Its log tells why: the process that writes the data was killed (memory: 'vm.overcommit_memory = 1'), the server was stopped, or our output buffer grew too large ('client-output-buffer-limit replica').",
            cause
        );

    public static ResurgamException Protocol(string server, string what) =>
        Of(
            "redis-protocol",
            Remedy.Fix,
            $"{server} answered {what}",
            "Check that a Redis or Valkey server answers there, and not a proxy, a Sentinel or another program; a port that takes only TLS needs 'tls' in the plan."
        );

    public static ResurgamException TlsFailed(string server, string reason, Exception cause) =>
        Of(
            "redis-tls-failed",
            Remedy.Fix,
            $"no TLS with {server}: {reason}",
            "Compare 'host', 'port' and 'tls' of the plan with 'openssl s_client -connect HOST:PORT -CAfile FILE'; a port without TLS needs no 'tls'.",
            cause
        );

    public static ResurgamException NotTrusted(string server, CertificateRefusal refusal, Exception cause) =>
        Of(
            "redis-tls-failed",
            Remedy.Fix,
            $"no TLS with {server}: {refusal.What}",
            refusal.Fault switch
            {
                CertificateFault.Absent => "Give the server a certificate: 'tls-cert-file' and 'tls-key-file'.",
                CertificateFault.NotTrusted =>
                    "'ca-file' has to hold the authority that signed it: 'openssl s_client -connect HOST:PORT -showcerts' shows who did.",
                CertificateFault.NotInTime =>
                    "Renew the certificate on the server, or set this machine's clock when it is the clock that is wrong.",
                CertificateFault.OtherName =>
                    "Write one of its names as 'host' ('openssl s_client -connect HOST:PORT | openssl x509 -noout -ext subjectAltName'), or have it made for this one.",
            },
            cause
        );

    /// <summary>In TLS 1.3 a server refuses the client's certificate only after the handshake.</summary>
    /// <param name="showsOne">We showed one.</param>
    public static ResurgamException ClientRefused(string server, string reason, bool showsOne, Exception cause) =>
        Of(
            "redis-tls-failed",
            Remedy.Fix,
            $"{server} refused us after the TLS handshake: {reason}",
            showsOne
                ? "Its 'tls-ca-cert-file' has to hold the authority that signed 'certificate' of the plan, which must be in its time."
                : "It asks for a certificate of ours: give 'certificate' and 'key' in 'tls' of the plan, or set 'tls-auth-clients no' on the server.",
            cause
        );

    public static ResurgamException TlsFile(string key, string path, string reason, Exception? cause = null) =>
        Of(
            "redis-tls-file",
            Remedy.Fix,
            $"{key} {path} {reason}",
            "It must be a readable PEM file ('openssl x509 -in FILE -text'); a key must have mode 600.",
            cause
        );

    /// <param name="text">Its first word says of what kind it is.</param>
    public static ResurgamException FromServer(string server, string command, string text)
    {
        var (code, remedy, hint) = Judge(command, text);
        return Of(code, remedy, $"{server} answers {command} with: {Shorten(text)}", hint);
    }

    private static (string Code, Remedy Remedy, string Hint) Judge(string command, string text) =>
        text.Split(' ')[0] switch
        {
            "NOAUTH" => (
                "redis-auth-failed",
                Remedy.Fix,
                "Add 'password' (and 'user') to the asset in the plan: the server asks for one."
            ),
            "WRONGPASS" => (
                "redis-auth-failed",
                Remedy.Fix,
                "Check 'user' and 'password' of the asset; 'ACL LIST' on the server shows its users, 'ACL LOG' who was refused."
            ),
            "NOPERM" => (
                "redis-permission-denied",
                Remedy.Fix,
                $"On the server: ACL SETUSER NAME +{command.ToLowerInvariant()}; then ACL SAVE. A backup needs +psync +replconf +info, and no right to any key."
            ),
            "DENIED" => (
                "redis-protected-mode",
                Remedy.Fix,
                "Set a password and 'protected-mode no' on the server, or reach it by its unix socket or over loopback."
            ),
            "LOADING" or "BUSY" => (
                "redis-not-ready",
                Remedy.Retry,
                "It reads its data or runs a script; 'redis-cli info persistence' tells how long it will take."
            ),
            "NOMASTERLINK" or "MASTERDOWN" => (
                "redis-not-ready",
                Remedy.Retry,
                "The replica has lost its master, and its data may be old: mend the link ('redis-cli info replication'), or name the master in the plan."
            ),
            "ERR" when text.Contains("max number of clients", StringComparison.Ordinal) => (
                "redis-not-ready",
                Remedy.Retry,
                "See who is connected with 'CLIENT LIST'; raise 'maxclients'."
            ),
            "ERR" when command == "AUTH" => (
                "redis-auth-failed",
                Remedy.Fix,
                "The server has no password for its default user, or knows no users (before version 6): correct 'user' and 'password' of the asset."
            ),
            "ERR" when text.Contains("unknown command", StringComparison.OrdinalIgnoreCase) => (
                "redis-no-replication",
                Remedy.Fix,
                "A managed service that hides its replication protocol cannot be read as this kind; its own export is the way."
            ),
            _ => (
                "redis-server-error",
                Remedy.Retry,
                "Look into the server's log: a failed BGSAVE (memory, disk) shows there."
            ),
        };

    private static string Shorten(string text) => text.Length <= 200 ? text : text[..200] + " …";

    private static ResurgamException Of(
        string code,
        Remedy remedy,
        string what,
        string hint,
        Exception? cause = null
    ) => new(new Problem(code, remedy, what, hint), cause);
}
