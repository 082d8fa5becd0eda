using System.Text.Json;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Reads and writes how a server that speaks S3 is reached.</summary>
internal static class S3Section
{
    public static PlanType<PlanMapping?> Type { get; } =
        new("group", null, value => new PlanMapping(value, S3Keys.Section));

    public static S3Place Read(PlanMapping keys, PlanValue value)
    {
        if (
            keys.Has(S3Keys.AccessKey) != keys.Has(S3Keys.SecretKey)
            || (keys.Has(S3Keys.SessionToken) && !keys.Has(S3Keys.AccessKey))
        )
            value.Report.Add(keys.MarkOf(S3Keys.AccessKey), PlanProblems.S3Keys($"{value.Path}.{VaultKeys.S3.Name}"));
        var endpoint = keys.Get(S3Keys.Endpoint);
        return new S3Place
        {
            Endpoint = endpoint,
            Region = keys.Get(S3Keys.Region),
            IsPathStyle = keys.Get(S3Keys.PathStyle) ?? endpoint is not null,
            AccessKey = keys.Get(S3Keys.AccessKey),
            SecretKey = keys.Get(S3Keys.SecretKey),
            SessionToken = keys.Get(S3Keys.SessionToken),
        };
    }

    public static void Write(Utf8JsonWriter json, S3Place s3)
    {
        json.WriteStartObject("s3");
        json.WriteText("endpoint", s3.Endpoint);
        json.WriteString("region", s3.Region);
        json.WriteBoolean("pathStyle", s3.IsPathStyle);
        if (s3.AccessKey is { } accessKey)
            SecretSection.Write(json, "accessKey", accessKey);
        if (s3.SecretKey is { } secretKey)
            SecretSection.Write(json, "secretKey", secretKey);
        if (s3.SessionToken is { } token)
            SecretSection.Write(json, "sessionToken", token);
        json.WriteEndObject();
    }
}
