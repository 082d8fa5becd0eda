using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Dns;

/// <summary>Everything that can go wrong between us and the DNS.</summary>
public static class DnsProblems
{
    public static ResurgamException Unreachable(string server, string reason, Exception? cause = null) =>
        new(
            new Problem(
                "dns-unreachable",
                Remedy.Retry,
                $"name server {server} is out of reach: {reason}",
                "It is asked by TCP: check with 'dig +tcp @HOST -p PORT NAME' from this machine."
            ),
            cause
        );

    public static ResurgamException Malformed(string server, string what) =>
        new(
            new Problem(
                "dns-refused",
                Remedy.Fix,
                $"name server {server} answers what cannot be trusted: {what}",
                "Is it a name server, and does 'key' of the target hold the same bytes there? Nothing is assumed to be changed."
            )
        );

    /// <param name="code">RCODE: RFC 1035, section 4.1.1, and RFC 2136, section 2.2.</param>
    public static ResurgamException Refused(string server, string what, int code) =>
        new(
            new Problem(
                "dns-refused",
                code == 2 ? Remedy.Retry : Remedy.Fix,
                $"name server {server} refuses {what}: {WordOf(code)}",
                "Its log says why: 'allow-update' or 'update-policy' of the zone, the name of the key, or the clock."
            )
        );

    /// <summary>By a service that is asked by HTTP.</summary>
    public static ResurgamException Refused(string service, string words, int status, string hint) =>
        new(
            new Problem(
                "dns-refused",
                Remedy.Fix,
                string.Create(CultureInfo.InvariantCulture, $"{service} answers {status} {words}"),
                hint
            )
        );

    public static ResurgamException NotPlain(string records) =>
        new(
            new Problem(
                "dns-value",
                Remedy.Fix,
                $"{records} is an alias, or one of several sets with weights, places or failover",
                "Steps change plain sets alone: keep a plain name of its own for what runbooks switch, and let the alias lead there."
            )
        );

    public static ResurgamException NoAmazonKey() =>
        new(
            new Problem(
                "dns-refused",
                Remedy.Fix,
                "there is no key to sign requests to Route 53 with",
                "Give 'access-key' and 'secret-key' in the target, or the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            )
        );

    public static ResurgamException BadKey() =>
        new(
            new Problem(
                "dns-refused",
                Remedy.Fix,
                "what is found for 'key' of the target is no base64",
                "'tsig-keygen' prints the secret in base64: give what stands in its quotes."
            )
        );

    public static ResurgamException Changed(string records, string there, string expected) =>
        new(
            new Problem(
                "dns-changed",
                Remedy.Fix,
                $"{records}: {there} is there and not {expected}; nothing was changed",
                "Somebody else has changed it: look why, then begin another run, or say in 'was' what is right to replace."
            )
        );

    public static ResurgamException TooLong(string records, TimeSpan ttl, TimeSpan most) =>
        new(
            new Problem(
                "dns-changed",
                Remedy.Fix,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{records} may live {ttl.TotalSeconds:0} s in caches, and 'ttl-at-most' is {most.TotalSeconds:0} s; nothing was changed"
                ),
                "Lower the lifetime of the records and wait as long as the old one was, in good days; or leave 'ttl-at-most' out and bear with it."
            )
        );

    public static ResurgamException NotTaken(string records, string there) =>
        new(
            new Problem(
                "dns-changed",
                Remedy.Fix,
                $"{records}: the server took the update and still answers {there}",
                "A CNAME does not stand beside other records of its name: servers pass over what would make one."
            )
        );

    public static ResurgamException BadValue(string path, string value) =>
        new(
            new Problem(
                "dns-value",
                Remedy.Fix,
                $"{path}: '{value}' is no value of such a record",
                "Write an address for A and AAAA, a name for CNAME, and ASCII for TXT; a name lies inside of the target's zone."
            )
        );

    private static string WordOf(int code) =>
        code switch
        {
            1 => "FORMERR",
            2 => "SERVFAIL",
            3 => "NXDOMAIN",
            4 => "NOTIMP",
            5 => "REFUSED",
            9 => "NOTAUTH: it is not authoritative for the zone, or does not take the signature",
            10 => "NOTZONE",
            _ => $"code {code.ToString(CultureInfo.InvariantCulture)}",
        };
}
