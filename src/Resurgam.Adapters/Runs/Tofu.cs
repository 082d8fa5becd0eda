using System.Security.Cryptography;
using System.Text.Json;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Runs;

/// <summary>OpenTofu, or Terraform, in one folder: arguments only, never a shell, and nobody is asked anything.</summary>
internal sealed class Tofu(string program, string folder, StepCall call, ActionTools tools)
{
    /// <summary>A saved plan of thousands of resources, as JSON, is some megabytes.</summary>
    private const int MostPlanBytes = 64 << 20;

    private const int HasChanges = 2;

    /// <summary>Saves what it would do.</summary>
    public async Task SaveAsync(string file, CancellationToken cancellationToken)
    {
        var result = await RunAsync(
            ["plan", "-input=false", "-no-color", "-lock-timeout=1m", "-detailed-exitcode", $"-out={file}"],
            cancellationToken
        );
        if (result.ExitCode is not (0 or HasChanges))
            throw ActionProblems.ExitCode($"{program} plan", result.ExitCode);
    }

    /// <summary>What a saved plan would do. It may hold secrets: nothing but addresses and verbs is kept of it.</summary>
    public async Task<TofuChanges> ShowAsync(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
            throw ActionProblems.NoSavedPlan(file);
        var result = await RunAsync(["show", "-json", file], cancellationToken, isTold: false);
        if (result.ExitCode != 0)
            throw ActionProblems.ExitCode($"{program} show", result.ExitCode);
        try
        {
            return result.IsCut
                ? throw ActionProblems.SavedPlanUnread(file)
                : TofuChanges.Read(result.Output, await DigestAsync(file, cancellationToken));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw ActionProblems.SavedPlanUnread(file);
        }
    }

    public async Task ApplyAsync(string file, CancellationToken cancellationToken)
    {
        var result = await RunAsync(
            ["apply", "-input=false", "-no-color", "-lock-timeout=1m", file],
            cancellationToken
        );
        if (result.ExitCode != 0)
            throw ActionProblems.ExitCode($"{program} apply", result.ExitCode);
    }

    /// <summary>Nothing is left to do.</summary>
    public async Task<bool> IsSettledAsync(CancellationToken cancellationToken)
    {
        var result = await RunAsync(
            ["plan", "-input=false", "-no-color", "-lock-timeout=1m", "-detailed-exitcode"],
            cancellationToken
        );
        return result.ExitCode switch
        {
            0 => true,
            HasChanges => false,
            var code => throw ActionProblems.ExitCode($"{program} plan", code),
        };
    }

    private static async Task<string> DigestAsync(string file, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }

    private async Task<ProcessResult> RunAsync(
        ValueList<string> arguments,
        CancellationToken cancellationToken,
        bool isTold = true
    )
    {
        var result = await tools.Processes.RunAsync(
            new ProcessRequest
            {
                Program = program,
                Arguments = [$"-chdir={folder}", .. arguments],
                Timeout = call.Step.Timeout,
                MaxOutputBytes = MostPlanBytes,
                Environment = new Dictionary<string, string?>
                {
                    ["TF_IN_AUTOMATION"] = "1",
                    ["RESURGAM_RUN"] = call.Run.Value,
                    ["RESURGAM_STEP"] = call.Step.Id.Value,
                },
            },
            cancellationToken
        );
        var told = isTold ? $"{result.OutputText}\n{result.Error}" : result.Error;
        foreach (var line in told.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            tools.Tell($"{call.Step.Id}: {line}");
        return result;
    }
}

/// <param name="Digest">SHA-256 of the saved plan.</param>
/// <param name="Deleted">Type and address of each resource that would be deleted or replaced.</param>
internal sealed record TofuChanges(
    string Digest,
    int Added,
    int Changed,
    IReadOnlyList<(string Type, string Address)> Deleted
)
{
    private const int MostNamed = 5;

    /// <summary>The JSON of <c>show -json</c>: OpenTofu, "JSON Output Format", plan representation.</summary>
    public static TofuChanges Read(ReadOnlyMemory<byte> json, string digest)
    {
        using var document = JsonDocument.Parse(json);
        var (added, changed) = (0, 0);
        List<(string, string)> deleted = [];
        // Without changes the key is left out; of what is no plan the version is, too.
        _ = document.RootElement.GetProperty("format_version");
        if (document.RootElement.TryGetProperty("resource_changes", out var changes))
            foreach (var change in changes.EnumerateArray())
            {
                var verbs = change.GetProperty("change").GetProperty("actions").EnumerateArray();
                foreach (var verb in verbs.Select(each => each.GetString()))
                    switch (verb)
                    {
                        case "create":
                            added++;
                            break;
                        case "update":
                            changed++;
                            break;
                        case "no-op" or "read":
                            break;
                        default: // delete, forget, and what a newer version may think of
                            deleted.Add(
                                (
                                    change.GetProperty("type").GetString() ?? "",
                                    change.GetProperty("address").GetString() ?? ""
                                )
                            );
                            break;
                    }
            }
        return new TofuChanges(digest, added, changed, deleted);
    }

    /// <exception cref="Core.Problems.ResurgamException">It deletes or replaces what it may not.</exception>
    public void Check(string file, ValueList<string> mayDelete)
    {
        var refused = Deleted.Where(each => !mayDelete.Contains(each.Type)).Select(each => each.Address).ToList();
        if (refused.Count > 0)
            throw ActionProblems.DeletesData(
                file,
                $"{string.Join(", ", refused.Take(MostNamed))}{(refused.Count > MostNamed ? $" and {refused.Count - MostNamed} more" : "")}"
            );
    }

    public override string ToString() => $"{Added} to add, {Changed} to change, {Deleted.Count} to delete or replace";
}
