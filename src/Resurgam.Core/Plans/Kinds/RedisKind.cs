using System.Text.Json;
using Resurgam.Core.Plans.Sections;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>Reads and writes a Redis server.</summary>
internal static class RedisKind
{
    /// <summary>Not kept: the keys need the types of this class, and this needs the keys.</summary>
    public static AssetKind Kind =>
        AssetKind.Of(
            Asset.Redis.KindName,
            [RedisKeys.Section, RedisKeys.TlsSection, RedisKeys.RestoreSection],
            Read,
            Write
        );

    public static PlanType<PlanMapping?> TlsType { get; } =
        new("group", null, value => new PlanMapping(value, RedisKeys.TlsSection));

    public static PlanType<PlanMapping?> RestoreType { get; } =
        new("group", null, value => new PlanMapping(value, RedisKeys.RestoreSection));

    private static Asset.Redis Read(AssetId id, PlanMapping keys)
    {
        var value = keys.Self;
        var restore = keys.Get(RedisKeys.Restore) ?? PlanMapping.None(value, RedisKeys.RestoreSection);
        CheckPlace(keys);
        return new Asset.Redis
        {
            Id = id,
            Host = keys.Get(RedisKeys.Host),
            Port = keys.Get(RedisKeys.Port),
            Socket = keys.Get(RedisKeys.Socket),
            User = keys.Get(RedisKeys.User),
            Password = keys.Get(RedisKeys.Password),
            Tls = keys.Get(RedisKeys.Tls) is { } tls ? ReadTls(value, tls) : null,
            Binaries = keys.Get(RedisKeys.Binaries),
            AppendOnly = restore.Get(RedisKeys.AppendOnly),
            StartEmpty = restore.Get(RedisKeys.StartEmpty),
        };
    }

    /// <summary>One place, and a password for a user: of an asset and of a target.</summary>
    internal static void CheckPlace(PlanMapping keys)
    {
        var value = keys.Self;
        var places = new[] { RedisKeys.Host, RedisKeys.Socket }.Count(keys.Has);
        if (places != 1)
            value.Refuse(PlanProblems.HostChoice(value.Path, places));
        else if (keys.Has(RedisKeys.Socket) && keys.Has(RedisKeys.Tls))
            value.Report.Add(keys.MarkOf(RedisKeys.Tls), PlanProblems.TlsOnSocket(value.Path));
        if (keys.Has(RedisKeys.User) && !keys.Has(RedisKeys.Password))
            value.Report.Add(keys.MarkOf(RedisKeys.User), PlanProblems.UserWithoutPassword(value.Path));
    }

    internal static TlsSettings ReadTls(PlanValue asset, PlanMapping keys)
    {
        if (keys.Has(RedisKeys.CertificateKey) && !keys.Has(RedisKeys.Certificate))
            asset.Report.Add(
                keys.MarkOf(RedisKeys.CertificateKey),
                PlanProblems.KeyWithoutCertificate($"{asset.Path}.{RedisKeys.Tls.Name}")
            );
        return new TlsSettings
        {
            CaFile = keys.Get(RedisKeys.CaFile),
            Certificate = keys.Get(RedisKeys.Certificate),
            Key = keys.Get(RedisKeys.CertificateKey),
        };
    }

    private static void Write(Utf8JsonWriter json, Asset.Redis redis)
    {
        json.WriteText("host", redis.Host);
        if (redis.Host is not null)
            json.WriteNumber("port", redis.Port);
        json.WriteText("socket", redis.Socket);
        json.WriteText("user", redis.User);
        if (redis.Password is { } password)
            SecretSection.Write(json, "password", password);
        if (redis.Tls is { } tls)
        {
            json.WriteStartObject("tls");
            json.WriteText("caFile", tls.CaFile);
            json.WriteText("certificate", tls.Certificate);
            json.WriteText("key", tls.Key);
            json.WriteEndObject();
        }
        json.WriteText("binaries", redis.Binaries);
        json.WriteStartObject("restore");
        json.WriteBoolean("startEmpty", redis.StartEmpty);
        if (redis.AppendOnly is { } appendOnly)
            json.WriteBoolean("appendOnly", appendOnly);
        json.WriteEndObject();
    }
}
