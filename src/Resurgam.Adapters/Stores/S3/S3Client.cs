using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Resurgam.Adapters.Stores.Requests;

namespace Resurgam.Adapters.Stores.S3;

/// <summary>Amazon's client, set so that it does one attempt a call and leaves repeats and time limits to us.</summary>
internal static class S3Client
{
    /// <summary>The client's own 8 KiB cost a call each.</summary>
    private const int BufferBytes = 128 << 10;

    public static AmazonS3Client Create(S3Options options)
    {
        var (given, config) = (options.Credentials, ConfigOf(options));
        AWSCredentials credentials = given.SessionToken is { } token
            ? new SessionAWSCredentials(given.AccessKey, given.SecretKey, token)
            : new BasicAWSCredentials(given.AccessKey, given.SecretKey);
        return new AmazonS3Client(credentials, config);
    }

    private static AmazonS3Config ConfigOf(S3Options options)
    {
        AmazonS3Config config = new()
        {
            ForcePathStyle = options.IsPathStyle,
            AuthenticationRegion = options.Region,
            MaxErrorRetry = 0,
            ThrottleRetries = false,
            Timeout = Timeout.InfiniteTimeSpan,
            BufferSize = BufferBytes,
            // Older servers know no trailing checksums. The signature covers the SHA-256 of the body, which the server checks.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            HttpClientFactory = new OneClient(options.Limits.Connect),
        };
        if (options.Endpoint is { } endpoint)
            config.ServiceURL = endpoint;
        else
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        return config;
    }

    /// <summary>One pool of connections a store.</summary>
    private sealed class OneClient(TimeSpan connectTimeout) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => StoreHttp.Create(connectTimeout);

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

        public override string? GetConfigUniqueString(IClientConfig clientConfig) => null;
    }
}
