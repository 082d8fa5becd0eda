using System.Text.Json;
using System.Text.RegularExpressions;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Reads and writes how a server that speaks S3 is reached.</summary>
internal static partial class S3Section
{
    private static readonly TimeSpan LeastLock = TimeSpan.FromDays(1);
    private static readonly TimeSpan MostLock = TimeSpan.FromDays(36_500);

    public static PlanType<PlanMapping?> Type { get; } =
        new("group", null, value => new PlanMapping(value, S3Keys.Section));

    public static PlanType<string> StorageClassType { get; } =
        new(
            "name of a storage class",
            "",
            value =>
            {
                var written = PlanTypes.ReadText(value);
                if (written is not null && !StorageClassPattern.IsMatch(written))
                    value.Refuse(PlanProblems.S3StorageClass(value.Path, written));
                return written ?? "";
            }
        );

    public static PlanType<TimeSpan?> LockForType { get; } = PlanTypes.DurationBetween(LeastLock, MostLock).OrUnknown;

    [GeneratedRegex(@"^[A-Z][A-Z0-9_]{0,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex StorageClassPattern { get; }

    /// <summary>One of two words.</summary>
    public static PlanType<string> WordOf(string one, string other) =>
        new(
            $"`{one}` or `{other}`",
            "",
            value =>
            {
                var written = PlanTypes.ReadText(value);
                if (written is not null && written != one && written != other)
                    value.Refuse(PlanProblems.S3Word(value.Path, written, one, other));
                return written ?? "";
            }
        );

    public static S3Place Read(PlanMapping keys, PlanValue value)
    {
        if (
            keys.Has(S3Keys.AccessKey) != keys.Has(S3Keys.SecretKey)
            || (keys.Has(S3Keys.SessionToken) && !keys.Has(S3Keys.AccessKey))
        )
            value.Report.Add(keys.MarkOf(S3Keys.AccessKey), PlanProblems.S3Keys($"{value.Path}.{PlaceKeys.S3.Name}"));
        if (keys.Has(S3Keys.ObjectLock) != keys.Has(S3Keys.LockFor))
            value.Report.Add(keys.MarkOf(S3Keys.ObjectLock), PlanProblems.S3Lock($"{value.Path}.{PlaceKeys.S3.Name}"));
        var encryption = keys.Get(S3Keys.Encryption);
        if (keys.Has(S3Keys.KmsKey) && encryption != "kms")
            value.Report.Add(keys.MarkOf(S3Keys.KmsKey), PlanProblems.S3Kms($"{value.Path}.{PlaceKeys.S3.Name}"));
        var endpoint = keys.Get(S3Keys.Endpoint);
        return new S3Place
        {
            Endpoint = endpoint,
            Region = keys.Get(S3Keys.Region),
            IsPathStyle = keys.Get(S3Keys.PathStyle) ?? endpoint is not null,
            AccessKey = keys.Get(S3Keys.AccessKey),
            SecretKey = keys.Get(S3Keys.SecretKey),
            SessionToken = keys.Get(S3Keys.SessionToken),
            StorageClass = keys.Get(S3Keys.StorageClass),
            Encryption = encryption switch
            {
                "server" => ServerEncryption.Server,
                "kms" => ServerEncryption.Kms,
                _ => null,
            },
            KmsKey = keys.Get(S3Keys.KmsKey),
            ObjectLock = keys.Get(S3Keys.ObjectLock) switch
            {
                "governance" => ObjectLock.Governance,
                "compliance" => ObjectLock.Compliance,
                _ => null,
            },
            LockFor = keys.Get(S3Keys.LockFor),
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
        json.WriteText("storageClass", s3.StorageClass);
        json.WriteText("encryption", s3.Encryption?.ToString().ToLowerInvariant());
        json.WriteText("kmsKey", s3.KmsKey);
        json.WriteText("objectLock", s3.ObjectLock?.ToString().ToLowerInvariant());
        if (s3.LockFor is { } lockFor)
            json.WriteNumber("lockFor", lockFor.TotalSeconds);
        json.WriteEndObject();
    }
}
