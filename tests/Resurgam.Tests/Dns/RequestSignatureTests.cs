using Resurgam.Adapters.Dns.Route53;

namespace Resurgam.Tests.Dns;

/// <summary>Amazon's own test suite of Signature Version 4: <c>get-vanilla</c>, <c>get-vanilla-query-order-key-case</c>, <c>post-vanilla</c>.</summary>
public sealed class RequestSignatureTests
{
    [Theory]
    [InlineData("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData(
        "GET",
        "/?Param1=value1&Param2=value2",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    )]
    [InlineData("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    public void A_request_is_signed_as_amazon_says(string method, string path, string signature)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), $"https://example.amazonaws.com{path}");
        new RequestSignature(
            new AmazonKey("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", SessionToken: null),
            "us-east-1",
            "service"
        ).Sign(request, [], new DateTimeOffset(2015, 8, 30, 12, 36, 0, TimeSpan.Zero));
        Assert.Equal(
            $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature={signature}",
            Assert.Single(request.Headers.GetValues("Authorization"))
        );
    }
}
