using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Mail;

/// <summary>Everything that can go wrong between us and a server that takes mail.</summary>
public static class MailProblems
{
    public static ResurgamException Unreachable(string server, string reason, Exception? cause) =>
        new(
            new Problem(
                "mail-unreachable",
                Remedy.Retry,
                $"the mail server {server} is out of reach: {reason}",
                "Check 'host' and 'port' of the target, and that no firewall is between this machine and the server."
            ),
            cause
        );

    /// <summary>It asks to come again: RFC 5321, section 4.2.1.</summary>
    public static ResurgamException Busy(string server, string command, string answer) =>
        new(
            new Problem(
                "mail-unreachable",
                Remedy.Retry,
                $"the mail server {server} does not take {command} now: {answer}",
                "It asks to come again; its operators know why."
            )
        );

    public static ResurgamException Refused(string server, string command, string answer) =>
        Of(
            $"the mail server {server} refuses {command}: {answer}",
            "Check 'user', 'password', 'from' and 'to' of the target; the server's log says more."
        );

    public static ResurgamException NoTls(string server) =>
        Of(
            $"the mail server {server} offers no encryption",
            "Say 'security: tls' for a port that begins with it (465), or 'security: none' for a server on a line that nobody reads."
        );

    public static ResurgamException NoLogin(string server) =>
        Of(
            $"the mail server {server} offers no login that we know (PLAIN, LOGIN)",
            "Leave 'user' out, or ask for one of these on the server."
        );

    public static ResurgamException TlsFailed(string server, string reason, Exception? cause) =>
        new(
            new Problem(
                "mail-refused",
                Remedy.Fix,
                $"no safe line to the mail server {server}: {reason}",
                "The certificate has to be valid for 'host', and signed by one of 'ca-file' or of the system."
            ),
            cause
        );

    public static ResurgamException TlsFile(string option, string path, string reason, Exception? cause) =>
        new(
            new Problem(
                "mail-refused",
                Remedy.Fix,
                $"{option} '{path}' {reason}",
                "It has to be a PEM file that this user can read."
            ),
            cause
        );

    private static ResurgamException Of(string what, string hint) =>
        new(new Problem("mail-refused", Remedy.Fix, what, hint));
}
