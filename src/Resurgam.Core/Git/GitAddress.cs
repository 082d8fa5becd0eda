using System.Diagnostics.CodeAnalysis;

namespace Resurgam.Core.Git;

/// <summary>Where a repository is: an address as git has it, and the name that snapshots keep it under.</summary>
/// <remarks>
/// Transports that run a program of the address's choosing (<c>ext::</c>) are none of ours, and no address holds a password.
/// </remarks>
public sealed record GitAddress
{
    public const string Forms = "https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH, git://HOST/PATH or /PATH";

    private const string FileStart = "file://";

    private static readonly string[] OtherStarts = ["www.", "ssh.", "altssh."];

    private static readonly string[] Schemes = ["https", "http", "ssh", "git", "file"];

    private GitAddress(string text, string name, string place, Uri? web) =>
        (Text, Name, Place, Web) = (text, name, place, web);

    /// <summary>For git; a path of this machine is a <c>file://</c> address, so that nothing is shared with its files.</summary>
    public string Text { get; }

    /// <summary>
    /// Host and path without <c>.git</c>: <c>git.example.net/platform/policies</c>. As a path it stays below its folder.
    /// </summary>
    public string Name { get; }

    /// <summary>
    /// The same for every transport and port by which a server may have the repository: <c>git.example.net/platform/policies</c>,
    /// in lower case; <c>/srv/git/policies</c> on this machine.
    /// </summary>
    public string Place { get; }

    /// <summary>Its path on this machine, as git reads it; null: it is reached by a host.</summary>
    public string? Folder =>
        Text.StartsWith(FileStart, StringComparison.OrdinalIgnoreCase)
            ? Uri.UnescapeDataString(Text[FileStart.Length..])
            : null;

    /// <summary>Scheme, host and port of an <c>https</c> or <c>http</c> address: where a password may go. Null for any other.</summary>
    public Uri? Web { get; }

    /// <summary>The last part of the name: <c>policies</c>.</summary>
    public string ShortName => Name[(Name.LastIndexOf('/') + 1)..];

    public static bool TryParse(string text, [NotNullWhen(true)] out GitAddress? address)
    {
        address = null;
        if (text.Length is 0 or > 2000 || text.StartsWith('-') || text.Any(c => char.IsControl(c) || c == ' '))
            return false;
        if (text.StartsWith('/'))
            return TryMake($"{FileStart}{text}", "", "", text, web: null, out address);
        if (text.Contains("://", StringComparison.Ordinal))
            return TryParseUrl(text, out address);
        // As scp has it: a colon before the first slash.
        var colon = text.IndexOf(':');
        var slash = text.IndexOf('/');
        if (colon <= 0 || (slash >= 0 && slash < colon) || text.Contains("::", StringComparison.Ordinal))
            return false;
        if (text.StartsWith('['))
            return false; // git has a form with a port here, [HOST:PORT]:PATH
        var host = text[(text[..colon].IndexOf('@') + 1)..colon];
        return IsHost(host) && TryMake(text, host, host, text[(colon + 1)..], web: null, out address);
    }

    public override string ToString() => Text;

    private static bool TryParseUrl(string text, [NotNullWhen(true)] out GitAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || !Schemes.Contains(url.Scheme))
            return false;
        var isFile = url.Scheme == "file";
        if (url.UserInfo.Contains(':') || url.Query.Length > 0 || url.Fragment.Length > 0)
            return false;
        if (isFile ? url.Host.Length > 0 : !IsHost(url.Host.Trim('[', ']')))
            return false;
        var host = url.IsDefaultPort || isFile ? url.Host : $"{url.Host}-{url.Port}";
        var web = url.Scheme is "https" or "http" ? new Uri(url.GetLeftPart(UriPartial.Authority)) : null;
        return TryMake(
            text,
            host.Trim('[', ']'),
            url.Host.Trim('[', ']'),
            Uri.UnescapeDataString(url.AbsolutePath),
            web,
            out address
        );
    }

    private static bool TryMake(
        string text,
        string host,
        string server,
        string path,
        Uri? web,
        [NotNullWhen(true)] out GitAddress? address
    )
    {
        address = null;
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || parts.Any(part => part is "." or ".." || part.Any(char.IsControl)))
            return false;
        const string ending = ".git";
        if (parts[^1] != ending && parts[^1].EndsWith(ending, StringComparison.Ordinal))
            parts[^1] = parts[^1][..^ending.Length];
        // No repository may lie in the folder of another.
        for (var i = 0; i < parts.Length - 1; i++)
            if (parts[i].EndsWith(ending, StringComparison.Ordinal))
                parts[i] = $"{parts[i][..^ending.Length]}_git";
        var place =
            server.Length == 0
                ? $"/{Uri.UnescapeDataString(string.Join('/', parts))}"
                : PlaceOf(server, string.Join('/', parts));
        address = new GitAddress(text, string.Join('/', host.Length == 0 ? parts : [host, .. parts]), place, web);
        return true;
    }

    /// <summary>As <see cref="Place"/> has it, for what a server has below a path.</summary>
    /// <param name="server">A host, without its port.</param>
    public static string PlaceOf(string server, string path)
    {
        var name = server.ToLowerInvariant().TrimEnd('.');
        // What github.com, gitlab.com and others call the same server, for SSH through the port of HTTPS.
        foreach (var start in OtherStarts)
            if (name.StartsWith(start, StringComparison.Ordinal))
                name = name[start.Length..];
        return $"{name}/{path.ToLowerInvariant()}";
    }

    private static bool IsHost(string host) =>
        host.Length > 0
        && host[0] is not '-' and not '.'
        && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '%');
}
