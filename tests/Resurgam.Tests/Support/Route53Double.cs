using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Resurgam.Tests.Support;

/// <summary>Route 53 with one hosted zone: it checks each signature by its own arithmetic, and each request's shape.</summary>
public sealed class Route53Double : HttpMessageHandler
{
    public const string AccessKey = "AKIDEXAMPLE";
    public const string SecretKey = "geheim/+=";
    public const string ZoneId = "Z0123456789";

    private static readonly XNamespace Names = "https://route53.amazonaws.com/doc/2013-04-01/";

    /// <summary>Name and type to lifetime and values, in the order of the service.</summary>
    public SortedDictionary<string, (string Ttl, string[] Values)> Sets { get; } = new(StringComparer.Ordinal);

    public List<string> Asked { get; } = [];

    /// <summary>How often a change is told to be pending.</summary>
    public int Pending { get; set; } = 2;

    /// <summary>What stands in a set beside its values.</summary>
    public string More { get; set; } = "";

    /// <summary>The next answer, instead of any other.</summary>
    public (HttpStatusCode Status, string Body)? Trouble { get; set; }

    /// <summary>Called before a batch is looked at.</summary>
    public Action Before { get; set; } = () => { };

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        Asked.Add($"{request.Method} {request.RequestUri?.PathAndQuery}");
        var (status, answer) =
            Trouble
            ?? (
                IsSigned(request, body)
                    ? Answer(request, body)
                    : Failure("SignatureDoesNotMatch", HttpStatusCode.Forbidden)
            );
        Trouble = null;
        return new HttpResponseMessage(status) { Content = new StringContent(answer, Encoding.UTF8, "text/xml") };
    }

    private (HttpStatusCode, string) Answer(HttpRequestMessage request, byte[] body)
    {
        var path = request.RequestUri?.AbsolutePath ?? "";
        if (request.Method == HttpMethod.Get && path == $"/2013-04-01/hostedzone/{ZoneId}/rrset")
            return (HttpStatusCode.OK, Listing(request.RequestUri?.Query ?? ""));
        if (request.Method == HttpMethod.Post && path == $"/2013-04-01/hostedzone/{ZoneId}/rrset/")
            return Change(XElement.Parse(Encoding.UTF8.GetString(body)));
        if (request.Method == HttpMethod.Get && path == "/2013-04-01/change/C1")
            return (HttpStatusCode.OK, ChangeInfo("GetChangeResponse"));
        return Failure("NoSuchHostedZone", HttpStatusCode.NotFound);
    }

    private string Listing(string query)
    {
        var asked = query
            .TrimStart('?')
            .Split('&')
            .Select(part => part.Split('='))
            .ToDictionary(part => part[0], part => Uri.UnescapeDataString(part[1]));
        var from = $"{asked["name"].Replace("*", "\\052", StringComparison.Ordinal)} {asked["type"]}";
        var first = Sets.FirstOrDefault(set => string.CompareOrdinal(set.Key, from) >= 0);
        var set = first.Key is null
            ? ""
            : $"<ResourceRecordSet><Name>{first.Key.Split(' ')[0]}</Name><Type>{first.Key.Split(' ')[1]}</Type>{More}<TTL>{first.Value.Ttl}</TTL><ResourceRecords>{string.Concat(first.Value.Values.Select(value => $"<ResourceRecord><Value>{value}</Value></ResourceRecord>"))}</ResourceRecords></ResourceRecordSet>";
        return $"<?xml version=\"1.0\"?><ListResourceRecordSetsResponse xmlns=\"{Names}\"><ResourceRecordSets>{set}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems></ListResourceRecordSetsResponse>";
    }

    private (HttpStatusCode, string) Change(XElement request)
    {
        Before();
        if (request.Name != Names + "ChangeResourceRecordSetsRequest")
            return Failure("MalformedInput", HttpStatusCode.BadRequest);
        SortedDictionary<string, (string Ttl, string[] Values)> after = new(Sets, StringComparer.Ordinal);
        foreach (
            var change in request.Elements(Names + "ChangeBatch").Elements(Names + "Changes").Elements(Names + "Change")
        )
        {
            var set = change.Element(Names + "ResourceRecordSet")!;
            var key = $"{Text(set, "Name").Replace("*", "\\052", StringComparison.Ordinal)} {Text(set, "Type")}";
            var values = set.Descendants(Names + "Value").Select(value => value.Value).ToArray();
            var isThere = after.TryGetValue(key, out var there);
            switch (Text(change, "Action"))
            {
                case "DELETE"
                    when isThere && there.Ttl == Text(set, "TTL") && there.Values.Order().SequenceEqual(values.Order()):
                    after.Remove(key);
                    break;
                case "CREATE" when !isThere && values.Length > 0:
                    after[key] = (Text(set, "TTL"), values);
                    break;
                default:
                    return (
                        HttpStatusCode.BadRequest,
                        $"<?xml version=\"1.0\"?><InvalidChangeBatch xmlns=\"{Names}\"><Messages><Message>Tried to change {key} but the values provided do not match the current values</Message></Messages></InvalidChangeBatch>"
                    );
            }
        }
        Sets.Clear();
        foreach (var (key, set) in after)
            Sets[key] = set;
        return (HttpStatusCode.OK, ChangeInfo("ChangeResourceRecordSetsResponse"));
    }

    private string ChangeInfo(string root) =>
        $"<?xml version=\"1.0\"?><{root} xmlns=\"{Names}\"><ChangeInfo><Id>/change/C1</Id><Status>{(Pending-- > 0 ? "PENDING" : "INSYNC")}</Status><SubmittedAt>2026-11-25T12:00:00Z</SubmittedAt></ChangeInfo></{root}>";

    private static (HttpStatusCode, string) Failure(string code, HttpStatusCode status) =>
        (
            status,
            $"<?xml version=\"1.0\"?><ErrorResponse xmlns=\"{Names}\"><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>"
        );

    private static string Text(XElement element, string name) => element.Element(Names + name)?.Value ?? "";

    /// <summary>From what was received alone: the names of the signed headers are taken from the request.</summary>
    private static bool IsSigned(HttpRequestMessage request, byte[] body)
    {
        var words = Assert
            .Single(request.Headers.GetValues("Authorization"))
            .Split([' ', '=', ','], StringSplitOptions.RemoveEmptyEntries);
        if (
            words
            is not [
                "AWS4-HMAC-SHA256",
                "Credential",
                var credential,
                "SignedHeaders",
                var signed,
                "Signature",
                var signature,
            ]
        )
            return false;
        var scope = credential.Split('/', 2);
        var address = request.RequestUri!;
        StringBuilder canonical = new();
        canonical.Append(
            CultureInfo.InvariantCulture,
            $"{request.Method}\n{address.AbsolutePath}\n{string.Join('&', address.Query.TrimStart('?').Split('&').Order(StringComparer.Ordinal))}\n"
        );
        foreach (var name in signed.Split(';'))
            canonical.Append(
                CultureInfo.InvariantCulture,
                $"{name}:{(name == "host" ? address.Authority : string.Join(',', request.Headers.GetValues(name)))}\n"
            );
        canonical.Append(
            CultureInfo.InvariantCulture,
            $"\n{signed}\n{Convert.ToHexStringLower(SHA256.HashData(body))}"
        );
        var date = Assert.Single(request.Headers.GetValues("x-amz-date"));
        var text =
            $"AWS4-HMAC-SHA256\n{date}\n{scope[1]}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";
        var key = scope[1]
            .Split('/')
            .Aggregate(
                Encoding.UTF8.GetBytes($"AWS4{SecretKey}"),
                (bytes, part) => HMACSHA256.HashData(bytes, Encoding.UTF8.GetBytes(part))
            );
        return scope[0] == AccessKey
            && scope[1] == $"{date[..8]}/us-east-1/route53/aws4_request"
            && signature == Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
    }
}
