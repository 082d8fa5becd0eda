using Resurgam.Core.Problems;
using Resurgam.Tests.Runs;

namespace Resurgam.RealTests.Runs;

/// <summary>A small program stands for OpenTofu: it says what it is told to, and notes how it was called.</summary>
public sealed class TofuActionTests : IDisposable
{
    /// <summary>Plans by what lies in its folder: <c>todo</c> is what is left to do; a saved plan is a copy of it.</summary>
    private const string Double = """
        #!/bin/sh
        folder=${1#-chdir=}; shift
        echo "$*" >>"$folder/calls"
        case "$1" in
            plan)
                for word in "$@"; do case "$word" in -out=*) cp "$folder/todo" "${word#-out=}" ;; esac; done
                if grep -q actions "$folder/todo"; then exit 2; fi ;;
            show) cat "$3" ;;
            apply)
                for file in "$@"; do :; done
                cmp -s "$file" "$folder/todo" || { echo "Saved plan is stale" >&2; exit 1; }
                [ -e "$folder/restless" ] || echo '{"format_version":"1.2"}' >"$folder/todo" ;;
        esac
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("resurgam-tofu-").FullName;

    public TofuActionTests()
    {
        File.WriteAllText(Combine("tofu"), Double);
        File.SetUnixFileMode(Combine("tofu"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task A_saved_plan_is_carried_out_once_it_was_seen()
    {
        await WriteAsync("create", TestContext.Current.CancellationToken);
        Assert.Equal("1 to add, 0 to change, 0 to delete or replace", (await Bench("tofu-plan").RunAsync()).What);
        var apply = Bench("tofu-apply");
        Assert.Equal("1 to add, 0 to change, 0 to delete or replace", (await apply.LookAsync()).What);
        Assert.False(await apply.ProbeAsync());

        Assert.Equal("carried out: 1 to add, 0 to change, 0 to delete or replace", (await apply.ActAsync()).What);
        Assert.True(await apply.ProbeAsync());
        var calls = await File.ReadAllLinesAsync(Combine("calls"), Token);
        Assert.Contains($"apply -input=false -no-color -lock-timeout=1m {Combine("saved")}", calls);
        Assert.DoesNotContain(calls, line => line.Contains("auto-approve", StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task What_deletes_data_is_not_kept_and_not_carried_out()
    {
        await WriteAsync("delete", TestContext.Current.CancellationToken);
        Assert.Equal("action-tofu", await CodeOf(Bench("tofu-plan").RunAsync));
        Assert.False(File.Exists(Combine("saved")));
        Assert.Equal("action-tofu", await CodeOf(Bench("tofu-apply").ActAsync));

        File.Copy(Combine("todo"), Combine("saved"));
        Assert.Equal("action-tofu", await CodeOf(Bench("tofu-apply").RunAsync));
        Assert.DoesNotContain(
            await File.ReadAllLinesAsync(Combine("calls"), Token),
            line => line.StartsWith("apply", StringComparison.Ordinal)
        );
        await Bench("tofu-apply", ", may-delete: [aws_db]").RunAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task Another_plan_than_was_seen_is_not_carried_out_and_success_is_that_nothing_is_left()
    {
        await WriteAsync("create", TestContext.Current.CancellationToken);
        await Bench("tofu-plan").RunAsync();
        var apply = Bench("tofu-apply");
        await apply.LookAsync();
        await WriteAsync("update", Token);
        await Bench("tofu-plan").RunAsync();
        Assert.Equal("action-tofu", await CodeOf(apply.ActAsync));

        await File.WriteAllTextAsync(Combine("restless"), "", Token);
        Assert.Equal("action-failed", await CodeOf(Bench("tofu-apply").RunAsync));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task WriteAsync(string verb, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(
            Combine("todo"),
            $$$"""{"format_version":"1.2","resource_changes":[{"address":"aws_db.main","type":"aws_db","change":{"actions":["{{{verb}}}"]}}]}""",
            cancellationToken
        );

    private StepBench Bench(string action, string more = "") =>
        new(
            "{}",
            $"{{ action: {action}, with: {{ folder: {_folder}, file: {Combine("saved")}, program: {Combine("tofu")}{more} }}, approval: {{ by: [anna] }} }}",
            Token,
            TimeProvider.System
        );

    private string Combine(string name) => Path.Combine(_folder, name);

    private static async Task<string> CodeOf(Func<Task> act) =>
        (await Assert.ThrowsAsync<ResurgamException>(act)).Problem.Code;
}
