namespace Resurgam.Adapters.Stores.S3;

/// <summary>As whom a store on S3 is asked. Does not print itself.</summary>
public sealed class S3Credentials(string accessKey, string secretKey, string? sessionToken)
{
    public string AccessKey => accessKey;

    public string SecretKey => secretKey;

    /// <summary>Null for credentials that do not expire.</summary>
    public string? SessionToken => sessionToken;

    /// <summary>
    /// What a machine's other programs use: <c>AWS_ACCESS_KEY_ID</c> and its siblings, else the profile of the shared
    /// credentials file. Nothing on the network is asked: a metadata service that is not there would hang us.
    /// </summary>
    /// <param name="findVariable">Environment variables; null when not set or empty.</param>
    /// <exception cref="Core.Problems.ResurgamException"><c>s3-no-credentials</c></exception>
    public static async Task<S3Credentials> FindAsync(
        Func<string, string?> findVariable,
        CancellationToken cancellationToken
    )
    {
        if (findVariable("AWS_ACCESS_KEY_ID") is { } id && findVariable("AWS_SECRET_ACCESS_KEY") is { } key)
            return new S3Credentials(id, key, findVariable("AWS_SESSION_TOKEN"));

        var profile = findVariable("AWS_PROFILE") ?? "default";
        var file =
            findVariable("AWS_SHARED_CREDENTIALS_FILE")
            ?? Path.Combine(findVariable("HOME") ?? "/", ".aws/credentials");
        var values = ValuesOf(profile, await LinesOfAsync(file, cancellationToken));
        return values.TryGetValue("aws_access_key_id", out id) && values.TryGetValue("aws_secret_access_key", out key)
            ? new S3Credentials(id, key, values.GetValueOrDefault("aws_session_token"))
            : throw S3Problems.NoCredentials(file, profile);
    }

    public override string ToString() => "(credentials)";

    private static async Task<string[]> LinesOfAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllLinesAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw S3Problems.CredentialsUnreadable(file, e);
        }
    }

    private static Dictionary<string, string> ValuesOf(string profile, string[] lines)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        var isOurs = false;
        foreach (var line in lines.Select(line => line.Trim()))
        {
            if (line.StartsWith('['))
                isOurs = line.Trim('[', ']').Trim() == profile;
            else if (isOurs && line.Split('=', 2) is [var name, var value] && !line.StartsWith('#'))
                values[name.Trim()] = value.Trim();
        }
        return values;
    }
}
