using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Plans;

internal static class GitRows
{
    public static void Write(TextWriter text, Asset.Git git)
    {
        foreach (var address in git.Repositories)
            text.WriteRow("repository", address.Text);
        if (git.GitHub is { } gitHub)
        {
            text.WriteRow("all of", $"{gitHub.Organisation}, as {gitHub.Api} lists them");
            text.WriteRow("token", gitHub.Token?.ToString() ?? "none");
            foreach (var pattern in gitHub.Exclude)
                text.WriteRow("without", pattern);
        }
        text.WriteRow("user", git.User ?? "what git's own configuration says");
        text.WriteRow("password", git.Password?.ToString() ?? "none");
        text.WriteRow("SSH key", git.SshKey ?? "what ssh finds by itself");
        text.WriteRow("hosts", git.KnownHosts ?? "ssh's own file of known hosts");
        text.WriteRow("LFS", git.WithLargeFiles ? "large files too" : "without large files");
        text.WriteRow("timeout", $"{Duration.Format(git.Timeout)} for each");
    }
}
