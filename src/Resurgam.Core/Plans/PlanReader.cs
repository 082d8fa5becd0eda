using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>Text in; a plan or all problems out. After it nobody checks a plan again.</summary>
/// <remarks>
/// Text → <see cref="YamlTree"/> → <see cref="PlanMapping"/>s, whose keys are those of <see cref="PlanKeys"/> → the
/// plan. Each section is one function here; what concerns several sections is checked at the end of the one that holds them.
/// </remarks>
public static class PlanReader
{
    /// <summary>Largest file that is read, in UTF-8.</summary>
    public const int MaxLengthBytes = YamlTree.MaxLengthBytes;

    private const string SupportedVersion = "1";

    internal static PlanType<VaultPlace> VaultType { get; } = new("group", NoVault, ReadVault);

    internal static PlanType<SecretSource> SecretType { get; } =
        new("group of one key, never the secret itself", NoSecret, ReadSecret);

    internal static PlanType<ValueList<Asset>> AssetsType { get; } = new("group of groups", [], ReadAssets);

    internal static PlanType<ValueList<Question>> QuestionsType { get; } = new("list of groups", [], ReadQuestions);

    internal static PlanType<PlanMapping?> WalType { get; } =
        new("group", null, value => new PlanMapping(value, PlanKeys.WalSection));

    internal static PlanType<PlanMapping?> TlsType { get; } =
        new("group", null, value => new PlanMapping(value, PlanKeys.TlsSection));

    internal static PlanType<PlanMapping?> RestoreType { get; } =
        new("group", null, value => new PlanMapping(value, PlanKeys.RestoreSection));

    internal static PlanType<PlanMapping?> S3Type { get; } =
        new("group", null, value => new PlanMapping(value, PlanKeys.S3Section));

    private static SecretSource NoSecret => new SecretSource.FromEnvironment("");

    private static VaultPlace NoVault => new() { Store = StoreAddress.Folder("/"), Secret = NoSecret };

    /// <param name="yaml">The file's text.</param>
    /// <param name="file">Its path, for messages, for the default name and for what lies beside it.</param>
    public static PlanReading Read(string yaml, string file)
    {
        var report = new PlanReport(file);
        if (YamlTree.Read(yaml, report) is not { } root)
            return report.ToReading();

        var top = new PlanMapping(
            new PlanValue(root, PlanKeys.RootPath, $"{PlanKeys.Version.Name}: {PlanKeys.Version.Example}", report),
            PlanKeys.Root
        );
        var version = top.Get(PlanKeys.Version);
        if (version.Length > 0 && version != SupportedVersion)
            report.Add(top.MarkOf(PlanKeys.Version), PlanProblems.Version(version));
        var plan = new Plan
        {
            Name = top.Get(PlanKeys.Name) ?? Path.GetFileNameWithoutExtension(file),
            StateDirectory = top.Get(PlanKeys.State),
            Vault = top.Get(PlanKeys.Vault),
            Assets = top.Get(PlanKeys.Assets),
        };
        return report.IsClean ? new PlanReading.Good(plan) : report.ToReading();
    }

    private static VaultPlace ReadVault(PlanValue value)
    {
        var keys = new PlanMapping(value, PlanKeys.VaultSection);
        var store = keys.Get(PlanKeys.Store);
        if (store.Kind != StoreKind.S3 && keys.Has(PlanKeys.S3) && keys.Has(PlanKeys.Store))
            value.Report.Add(keys.MarkOf(PlanKeys.S3), PlanProblems.S3Needless(value.Path, store.Written));
        var section = keys.Get(PlanKeys.S3);
        return new VaultPlace
        {
            Store = store,
            Secret = keys.Get(PlanKeys.Secret),
            S3 =
                store.Kind == StoreKind.S3
                    ? ReadS3(section ?? PlanMapping.None(value, PlanKeys.S3Section), value)
                    : null,
        };
    }

    private static S3Place ReadS3(PlanMapping keys, PlanValue value)
    {
        if (
            keys.Has(PlanKeys.S3AccessKey) != keys.Has(PlanKeys.S3SecretKey)
            || (keys.Has(PlanKeys.S3SessionToken) && !keys.Has(PlanKeys.S3AccessKey))
        )
            value.Report.Add(
                keys.MarkOf(PlanKeys.S3AccessKey),
                PlanProblems.S3Keys($"{value.Path}.{PlanKeys.S3.Name}")
            );
        var endpoint = keys.Get(PlanKeys.S3Endpoint);
        return new S3Place
        {
            Endpoint = endpoint,
            Region = keys.Get(PlanKeys.S3Region),
            IsPathStyle = keys.Get(PlanKeys.S3PathStyle) ?? endpoint is not null,
            AccessKey = keys.Get(PlanKeys.S3AccessKey),
            SecretKey = keys.Get(PlanKeys.S3SecretKey),
            SessionToken = keys.Get(PlanKeys.S3SessionToken),
        };
    }

    private static SecretSource ReadSecret(PlanValue value)
    {
        if (LooksLikeTheSecretItself(value.Node))
        {
            value.Refuse(PlanProblems.SecretWritten(value.Path));
            return NoSecret;
        }
        var keys = new PlanMapping(value, PlanKeys.SecretSection);
        if (value.Node is not YamlNode.Mapping)
            return NoSecret;

        var given = PlanKeys.SecretSection.Keys.Count(keys.Has);
        if (given != 1)
            value.Refuse(PlanProblems.SecretChoice(value.Path, given));
        if (keys.Get(PlanKeys.SecretEnvironment) is { } name)
            return new SecretSource.FromEnvironment(name);
        if (keys.Get(PlanKeys.SecretFile) is { } path)
            return new SecretSource.FromFile(path);
        return keys.Get(PlanKeys.SecretCommand) is { } argv ? new SecretSource.FromCommand(argv) : NoSecret;
    }

    /// <summary>Any text; and a group with a key that is none of ours nor near one, since that may be the secret: it must not be repeated.</summary>
    private static bool LooksLikeTheSecretItself(YamlNode node)
    {
        var known = PlanKeys.SecretSection.Keys.Select(key => key.Name).ToList();
        return node switch
        {
            YamlNode.Scalar scalar => !scalar.IsNothing,
            YamlNode.Mapping mapping => mapping.Entries.Any(entry =>
                !known.Contains(entry.Key.Text) && Nearest.Of(entry.Key.Text, known) is null
            ),
            YamlNode.Sequence => false,
            _ => throw new System.Diagnostics.UnreachableException($"no reading is written for {node.Shape}"),
        };
    }

    private static ValueList<Asset> ReadAssets(PlanValue value)
    {
        if (value.Node is not YamlNode.Mapping mapping)
        {
            value.Refuse(PlanProblems.Type(value.Path, "a group of assets", value.Node.Shape, value.Example));
            return [];
        }
        List<Asset> assets = [];
        Dictionary<string, string> slots = [];
        foreach (var entry in PlanMapping.Once(mapping, value))
        {
            if (!AssetId.TryParse(entry.Key.Text, out var id))
            {
                value.Report.Add(entry.Key.At, PlanProblems.AssetName(entry.Key.Text));
                continue;
            }
            var asset = ReadAsset(id, value.Child(entry.Value, entry.Key.Text));
            if (asset is not null)
                assets.Add(asset);
            if (asset is Asset.Postgres { Wal.Slot: { Length: > 0 } slot } && !slots.TryAdd(slot, id.Value))
                value.Report.Add(
                    entry.Key.At,
                    PlanProblems.SlotTwice($"{value.Path}.{id}", slot, $"{value.Path}.{slots[slot]}")
                );
        }
        return [.. assets];
    }

    /// <summary>The kind decides which keys there are, so it is looked up before the rest.</summary>
    private static Asset? ReadAsset(AssetId id, PlanValue value)
    {
        if (value.Node is not YamlNode.Mapping mapping)
        {
            value.Refuse(
                PlanProblems.Type(value.Path, "a group of keys", value.Node.Shape, $"{id}: {PlanKeys.FilesExample}")
            );
            return null;
        }
        var kind = mapping.Entries.FirstOrDefault(entry => entry.Key.Text == PlanKeys.Kind.Name)?.Value;
        switch (kind)
        {
            case YamlNode.Scalar { Text: Asset.Postgres.KindName }:
                return ReadPostgres(id, value);
            case YamlNode.Scalar { Text: Asset.Redis.KindName }:
                return ReadRedis(id, value);
            case YamlNode.Scalar { Text: Asset.Files.KindName }:
                return ReadFiles(id, value);
            case YamlNode.Scalar { Text: Asset.Git.KindName }:
                return GitKeys.Read(id, value);
            case YamlNode.Scalar { Text: Asset.Secret.KindName }:
                return SecretAssetKeys.Read(id, value);
            case YamlNode.Scalar { IsNothing: false } other:
                value.Report.Add(other.At, PlanProblems.UnknownKind(value.Path, other.Text, PlanKeys.Kinds));
                return null;
            default:
                value.Report.Add(
                    kind?.At ?? value.Node.At,
                    PlanProblems.MissingKey(value.Path, PlanKeys.Kind.Name, $"kind: {PlanKeys.Kind.Example}")
                );
                return null;
        }
    }

    private static Asset.Postgres ReadPostgres(AssetId id, PlanValue value)
    {
        var keys = new PlanMapping(value, PlanKeys.PostgresSection);
        return new Asset.Postgres
        {
            Id = id,
            Connection = keys.Get(PlanKeys.Connection),
            DataDirectory = keys.Get(PlanKeys.DataDirectory),
            Binaries = keys.Get(PlanKeys.Binaries),
            MaxRate = keys.Get(PlanKeys.MaxRate),
            Wal = ReadWal(id, keys.Get(PlanKeys.Wal) ?? PlanMapping.None(value, PlanKeys.WalSection)),
            Questions = keys.Get(PlanKeys.Questions),
        };
    }

    private static WalSettings ReadWal(AssetId id, PlanMapping keys) =>
        new()
        {
            Slot = keys.Get(PlanKeys.Slot) ?? $"resurgam_{id.Value.Replace('-', '_')}",
            SynchronousWait = keys.Get(PlanKeys.SynchronousWait),
            FragmentInterval = keys.Get(PlanKeys.FragmentInterval),
            FragmentSize = keys.Get(PlanKeys.FragmentSize),
        };

    private static Asset.Redis ReadRedis(AssetId id, PlanValue value)
    {
        var keys = new PlanMapping(value, PlanKeys.RedisSection);
        var restore = keys.Get(PlanKeys.RedisRestore) ?? PlanMapping.None(value, PlanKeys.RestoreSection);
        Asset.Redis asset = new()
        {
            Id = id,
            Host = keys.Get(PlanKeys.RedisHost),
            Port = keys.Get(PlanKeys.RedisPort),
            Socket = keys.Get(PlanKeys.RedisSocket),
            User = keys.Get(PlanKeys.RedisUser),
            Password = keys.Get(PlanKeys.RedisPassword),
            Tls = keys.Get(PlanKeys.RedisTls) is { } tls ? ReadTls(value, tls) : null,
            Binaries = keys.Get(PlanKeys.RedisBinaries),
            AppendOnly = restore.Get(PlanKeys.AppendOnly),
            StartEmpty = restore.Get(PlanKeys.StartEmpty),
        };
        var places = new[] { PlanKeys.RedisHost, PlanKeys.RedisSocket }.Count(keys.Has);
        if (places != 1)
            value.Refuse(PlanProblems.HostChoice(value.Path, places));
        else if (asset is { Socket: not null, Tls: not null })
            value.Report.Add(keys.MarkOf(PlanKeys.RedisTls), PlanProblems.TlsOnSocket(value.Path));
        if (keys.Has(PlanKeys.RedisUser) && !keys.Has(PlanKeys.RedisPassword))
            value.Report.Add(keys.MarkOf(PlanKeys.RedisUser), PlanProblems.UserWithoutPassword(value.Path));
        return asset;
    }

    private static TlsSettings ReadTls(PlanValue asset, PlanMapping keys)
    {
        if (keys.Has(PlanKeys.CertificateKey) && !keys.Has(PlanKeys.Certificate))
            asset.Report.Add(
                keys.MarkOf(PlanKeys.CertificateKey),
                PlanProblems.KeyWithoutCertificate($"{asset.Path}.{PlanKeys.RedisTls.Name}")
            );
        return new TlsSettings
        {
            CaFile = keys.Get(PlanKeys.CaFile),
            Certificate = keys.Get(PlanKeys.Certificate),
            Key = keys.Get(PlanKeys.CertificateKey),
        };
    }

    private static Asset.Files ReadFiles(AssetId id, PlanValue value)
    {
        var keys = new PlanMapping(value, PlanKeys.FilesSection);
        return new Asset.Files
        {
            Id = id,
            Path = keys.Get(PlanKeys.FilesPath),
            Exclude = keys.Get(PlanKeys.Exclude),
        };
    }

    private static ValueList<Question> ReadQuestions(PlanValue value)
    {
        if (value.Node is not YamlNode.Sequence sequence)
        {
            value.Refuse(PlanProblems.Type(value.Path, "a list of questions", value.Node.Shape, value.Example));
            return [];
        }
        List<Question> questions = [];
        foreach (var (index, item) in sequence.Items.Index())
        {
            var each = value with { Node = item, Path = $"{value.Path}[{index}]" };
            var keys = new PlanMapping(each, PlanKeys.QuestionSection);
            var question = new Question(
                keys.Get(PlanKeys.QuestionName),
                keys.Get(PlanKeys.QuestionSql),
                keys.Get(PlanKeys.QuestionExpect)
            );
            if (question.Name.Length > 0 && questions.Any(other => other.Name == question.Name))
                value.Report.Add(
                    keys.MarkOf(PlanKeys.QuestionName),
                    PlanProblems.QuestionTwice(value.Path, question.Name)
                );
            questions.Add(question);
        }
        return [.. questions];
    }
}
