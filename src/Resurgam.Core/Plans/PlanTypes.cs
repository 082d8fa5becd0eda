using System.Globalization;
using System.Text.RegularExpressions;
using Resurgam.Core.Assets;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>The types that values of a plan have.</summary>
internal static partial class PlanTypes
{
    private const string S3Scheme = "s3:";
    private const string AzureScheme = "azure:";

    public static readonly PlanType<string> Text = new("text", "", value => ReadText(value) ?? "");

    public static readonly PlanType<string> AbsolutePath = new(
        "absolute path",
        "/",
        value => ReadPath(value, value.Node is YamlNode.Scalar scalar ? scalar.Text : "")
    );

    /// <summary>As <see cref="AbsolutePath"/>, but what was written may be a secret in the wrong place and is not repeated.</summary>
    public static readonly PlanType<string> SecretPath = new(
        "absolute path",
        "/",
        value => ReadPath(value, "(not shown)")
    );

    public static readonly PlanType<string> EnvironmentName = new(
        "name of an environment variable",
        "",
        value => Matching(value, EnvironmentNamePattern, _ => PlanProblems.EnvironmentName(value.Path))
    );

    public static readonly PlanType<string> Slot = new(
        "name of a replication slot",
        "",
        value => Matching(value, SlotPattern, written => PlanProblems.SlotName(value.Path, written))
    );

    public static readonly PlanType<string> Connection = new("libpq connection, without password", "", ReadConnection);

    public static readonly PlanType<string> Host = new(
        "host name or address",
        "localhost",
        value => Matching(value, HostPattern, written => PlanProblems.Host(value.Path, written))
    );

    public static readonly PlanType<int> Port = new("port", 1, ReadPort);

    public static readonly PlanType<bool> YesOrNo = new("`true` or `false`", false, ReadYesOrNo);

    public static readonly PlanType<ByteSize> Size = new("size", default, value => ReadSize(value, ""));

    public static readonly PlanType<ByteSize> Rate = new("size a second", default, value => ReadSize(value, "/s"));

    public static readonly PlanType<StoreAddress> Store = new(
        "address of a store",
        StoreAddress.Folder("/"),
        ReadStore
    );

    public static readonly PlanType<string> Endpoint = new("address of a server", "", ReadEndpoint);

    public static readonly PlanType<string> Region = new(
        "name of a region",
        "",
        value => Matching(value, RegionPattern, written => PlanProblems.S3Region(value.Path, written))
    );

    public static readonly PlanType<bool?> Flag = new("`true` or `false`", null, ReadFlag);

    public static readonly PlanType<ValueList<string>> Patterns = new("list of patterns", [], ReadPatterns);

    public static readonly PlanType<ValueList<string>> Argv = new(
        "list of program and arguments",
        ["true"],
        value =>
            value.Node is YamlNode.Sequence { Items.Count: 0 }
                ? RefuseShape<ValueList<string>>(value, "a list with at least the program", ["true"])
                : ReadTexts(value)
    );

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex EnvironmentNamePattern { get; }

    [GeneratedRegex(@"^[A-Za-z0-9_.:%-]{1,255}\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostPattern { get; }

    [GeneratedRegex(@"^[a-z0-9_]{1,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SlotPattern { get; }

    [GeneratedRegex(@"^[a-z0-9-]{1,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RegionPattern { get; }

    /// <summary>A bucket as Amazon allows it, and below it what a key of a store may be.</summary>
    [GeneratedRegex(
        @"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/(?!\.{1,2}(/|\z))[A-Za-z0-9._=@+-]+)*/?\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex S3Pattern { get; }

    /// <summary>A container as Azure allows it, and below it what a key of a store may be.</summary>
    [GeneratedRegex(
        @"^azure://(?![a-z0-9-]{64})[a-z0-9](-?[a-z0-9]){2,62}(/(?!\.{1,2}(/|\z))[A-Za-z0-9._=@+-]+)*/?\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex AzurePattern { get; }

    [GeneratedRegex(
        @"(^|\s)(password|sslpassword)\s*=|://[^/@\s:]*:[^/@\s]+@",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    )]
    private static partial Regex PasswordPattern { get; }

    extension<T>(PlanType<T> type)
        where T : class
    {
        /// <summary>The same type where the key may be left out and has no default.</summary>
        public PlanType<T?> OrNone => new(type.Name, null, type.Read);
    }

    extension<T>(PlanType<T> type)
        where T : struct
    {
        /// <summary>The same type where leaving the key out means something of its own.</summary>
        public PlanType<T?> OrUnknown => new(type.Name, null, value => type.Read(value));
    }

    /// <summary>A duration between two bounds, both included.</summary>
    public static PlanType<TimeSpan> DurationBetween(TimeSpan least, TimeSpan most) =>
        new(
            $"duration, {Duration.Format(least)} to {Duration.Format(most)}",
            least,
            value =>
            {
                if (ReadText(value) is not { } written)
                    return least;
                if (!Duration.TryParse(written, out var duration))
                    value.Refuse(PlanProblems.Duration(value.Path, written));
                else if (duration < least || duration > most)
                    value.Refuse(PlanProblems.DurationRange(value.Path, duration, least, most));
                return duration;
            }
        );

    /// <summary>Text that is there: null, and a line in the report, when it is not.</summary>
    public static string? ReadText(PlanValue value)
    {
        if (value.Node is YamlNode.Scalar { IsNothing: false } scalar && !string.IsNullOrWhiteSpace(scalar.Text))
            return scalar.Text;
        return RefuseShape<string?>(value, "text", null);
    }

    private static T RefuseShape<T>(PlanValue value, string wanted, T standIn)
    {
        var shape = value.Node switch
        {
            YamlNode.Scalar { IsNothing: false, Text.Length: 0 } => "empty text",
            YamlNode.Sequence { Items.Count: 0 } => "an empty list",
            var node => node.Shape,
        };
        value.Refuse(PlanProblems.Type(value.Path, wanted, shape, value.Example));
        return standIn;
    }

    private static string Matching(PlanValue value, Regex pattern, Func<string, Problems.Problem> problem)
    {
        var written = ReadText(value);
        if (written is not null && !pattern.IsMatch(written))
            value.Refuse(problem(written));
        return written ?? "";
    }

    private static int ReadPort(PlanValue value)
    {
        if (ReadText(value) is not { } written)
            return 1;
        if (ushort.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
            return port;
        value.Refuse(PlanProblems.Port(value.Path, written));
        return 1;
    }

    private static bool ReadYesOrNo(PlanValue value)
    {
        if (ReadText(value) is { } written && written is not ("true" or "false"))
            value.Refuse(PlanProblems.YesOrNo(value.Path, written));
        return value.Node is YamlNode.Scalar { Text: "true" };
    }

    private static string ReadPath(PlanValue value, string shown)
    {
        if (ReadText(value) is not { } path)
            return "/";
        if (path.Any(char.IsControl))
            value.Refuse(PlanProblems.PathCharacters(value.Path));
        else if (!path.StartsWith('/'))
            value.Refuse(PlanProblems.RelativePath(value.Path, shown));
        else
            return Normal(path);
        return "/";
    }

    private static string ReadConnection(PlanValue value)
    {
        var written = ReadText(value);
        if (written is null)
            return "";
        if (PasswordPattern.IsMatch(written))
        {
            value.Refuse(PlanProblems.ConnectionPassword(value.Path));
            return written;
        }
        try
        {
            Conninfo.Parse(written);
        }
        catch (ResurgamException e)
        {
            value.Refuse(PlanProblems.Connection(value.Path, e.Problem));
        }
        return written;
    }

    private static ByteSize ReadSize(PlanValue value, string suffix)
    {
        if (ReadText(value) is not { } written)
            return default;
        var number =
            suffix.Length > 0 && written.EndsWith(suffix, StringComparison.Ordinal)
                ? written[..^suffix.Length]
                : written;
        if (ByteSize.TryParse(number, out var size) && size.Bytes > 0)
            return size;
        value.Refuse(PlanProblems.Size(value.Path, written));
        return default;
    }

    internal static ValueList<string> ReadTexts(PlanValue value)
    {
        if (value.Node is not YamlNode.Sequence sequence)
            return RefuseShape<ValueList<string>>(value, "a list", []);
        return
        [
            .. sequence
                .Items.Select((item, index) => ReadText(value with { Node = item, Path = $"{value.Path}[{index}]" }))
                .OfType<string>(),
        ];
    }

    private static ValueList<string> ReadPatterns(PlanValue value)
    {
        var patterns = ReadTexts(value);
        foreach (var (index, pattern) in patterns.Index())
            if (ExcludePattern.TryParse(pattern) is null)
                value.Refuse(PlanProblems.Pattern($"{value.Path}[{index}]", pattern));
        return patterns;
    }

    /// <summary>RFC 8089: <c>file:///path</c> or <c>file:/path</c>; and of our own <c>file:./path</c>, beside the plan file.</summary>
    private static StoreAddress ReadStore(PlanValue value)
    {
        if (ReadText(value) is not { } written)
            return StoreAddress.Folder("/");

        if (written.StartsWith(S3Scheme, StringComparison.Ordinal))
            return ReadS3(value, written);
        if (written.StartsWith(AzureScheme, StringComparison.Ordinal))
            return ReadAzure(value, written);
        const string scheme = "file:";
        var rest = written.StartsWith(scheme, StringComparison.Ordinal)
            ? Uri.UnescapeDataString(written[scheme.Length..])
            : "";
        if (rest.StartsWith("///", StringComparison.Ordinal))
            rest = rest[2..];
        var isAbsolute = rest.StartsWith('/') && !rest.StartsWith("//", StringComparison.Ordinal);
        var isRelative =
            rest.StartsWith("./", StringComparison.Ordinal) || rest.StartsWith("../", StringComparison.Ordinal);
        if (rest.Any(char.IsControl))
            value.Refuse(PlanProblems.PathCharacters(value.Path));
        else if (isAbsolute && Normal(rest) != "/")
            return new StoreAddress(StoreKind.Folder, Normal(rest), written);
        else if (isRelative)
            return new StoreAddress(StoreKind.Folder, Beside(value.Report.File, rest), written);
        else
            value.Refuse(PlanProblems.Store(value.Path, written));
        return StoreAddress.Folder("/");
    }

    private static StoreAddress ReadS3(PlanValue value, string written)
    {
        if (S3Pattern.IsMatch(written))
            return new StoreAddress(StoreKind.S3, written["s3://".Length..].TrimEnd('/'), written);
        value.Refuse(PlanProblems.S3Address(value.Path, written));
        return new StoreAddress(StoreKind.S3, "bucket", written);
    }

    private static StoreAddress ReadAzure(PlanValue value, string written)
    {
        if (AzurePattern.IsMatch(written))
            return new StoreAddress(StoreKind.Azure, written["azure://".Length..].TrimEnd('/'), written);
        value.Refuse(PlanProblems.AzureAddress(value.Path, written));
        return new StoreAddress(StoreKind.Azure, "container", written);
    }

    private static string ReadEndpoint(PlanValue value)
    {
        if (ReadText(value) is not { } written)
            return "";
        if (
            Uri.TryCreate(written, UriKind.Absolute, out var address)
            && address.Scheme is "http" or "https"
            && address.PathAndQuery == "/"
            && address.Fragment.Length == 0
            && address.UserInfo.Length == 0
            && address.Host.Length > 0
        )
            return address.GetLeftPart(UriPartial.Authority);
        value.Refuse(PlanProblems.S3Endpoint(value.Path));
        return "";
    }

    private static bool? ReadFlag(PlanValue value)
    {
        switch (ReadText(value))
        {
            case "true":
                return true;
            case "false":
                return false;
            case null:
                return null;
            case var written:
                value.Refuse(PlanProblems.Flag(value.Path, written));
                return null;
        }
    }

    /// <summary>A plan file named by a relative path is relative to the working folder, and so is what lies beside it.</summary>
    private static string Beside(string planFile, string path)
    {
        var joined = Path.Combine(Path.GetDirectoryName(planFile) ?? "", path);
        return Path.IsPathRooted(joined) ? Normal(joined) : joined;
    }

    /// <summary>Without <c>.</c>, <c>..</c>, doubled and closing slashes. The path is absolute, so no working folder is asked.</summary>
    private static string Normal(string absolute) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(absolute, "/"));
}
