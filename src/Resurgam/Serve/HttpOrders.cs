using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Resurgam.Core.Orders;
using Resurgam.Core.Plans;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Runs;
using Resurgam.Vaults;

namespace Resurgam.Serve;

/// <summary>What people whom the plan knows may ask: orders, words to runs, and how they stand.</summary>
internal static class HttpOrders
{
    private static readonly IReadOnlyList<(string Word, RunVerbKind Kind)> Words =
    [
        ("approve", RunVerbKind.Approve),
        ("reject", RunVerbKind.Reject),
        ("retry", RunVerbKind.Retry),
        ("skip", RunVerbKind.Skip),
        ("done", RunVerbKind.Done),
    ];

    public static readonly IReadOnlyList<HttpRoute> Routes =
    [
        new("POST", "/backups", PersonRight.Backup, BackUpAsync),
        new("POST", "/verifications", PersonRight.Verify, VerifyAsync),
        new("POST", "/drills", PersonRight.Drill, DrillAsync),
        new("GET", "/runs", PersonRight.Look, ListAsync),
        new("POST", "/runs", PersonRight.Run, RunAsync),
        new("GET", "/runs/{run}", PersonRight.Look, ShowAsync),
        new("POST", "/runs/{run}/resume", PersonRight.Run, ResumeAsync),
        new("POST", "/runs/{run}/abort", PersonRight.Decide, AbortAsync),
        .. Words.Select(word => new HttpRoute(
            "POST",
            $"/runs/{{run}}/steps/{{step}}/{word.Word}",
            PersonRight.Decide,
            (face, request) => SayAsync(face, request, word.Kind)
        )),
        new("GET", "/orders/{order}", PersonRight.Look, ShowOrderAsync),
    ];

    private static async Task<HttpAnswer> BackUpAsync(HttpFace face, ApiRequest request)
    {
        var body = await request.ReadAsync(HttpBodies.Default.BackupBody, face.Around.Stop);
        return await OrderAsync(face, request, OrderKind.Backup, body.Of, body.Reason, order => order);
    }

    private static async Task<HttpAnswer> VerifyAsync(HttpFace face, ApiRequest request)
    {
        var body = await request.ReadAsync(HttpBodies.Default.VerifyBody, face.Around.Stop);
        CheckPlain("snapshot", body.Snapshot);
        return await OrderAsync(
            face,
            request,
            OrderKind.Verify,
            body.Of,
            body.Reason,
            order => order with { Snapshot = body.Snapshot, IsSnapshotOnly = body.SnapshotOnly }
        );
    }

    private static async Task<HttpAnswer> DrillAsync(HttpFace face, ApiRequest request)
    {
        var body = await request.ReadAsync(HttpBodies.Default.DrillBody, face.Around.Stop);
        return await OrderAsync(
            face,
            request,
            OrderKind.Drill,
            body.Drill,
            body.Reason ?? "a drill",
            order => order with { At = body.At }
        );
    }

    private static async Task<HttpAnswer> RunAsync(HttpFace face, ApiRequest request)
    {
        var body = await request.ReadAsync(HttpBodies.Default.RunBody, face.Around.Stop);
        return await OrderAsync(
            face,
            request,
            OrderKind.Run,
            body.Runbook,
            WithReason(body.Reason),
            order => order with { At = body.At, IsDrill = body.Drill }
        );
    }

    private static async Task<HttpAnswer> ResumeAsync(HttpFace face, ApiRequest request)
    {
        var body = await request.ReadAsync(HttpBodies.Default.ResumeBody, face.Around.Stop);
        return await OrderAsync(
            face,
            request,
            OrderKind.Resume,
            request.Names[0],
            WithReason(body.Reason),
            order => order with { TakesOver = body.TakeOver }
        );
    }

    private static async Task<HttpAnswer> OrderAsync(
        HttpFace face,
        ApiRequest request,
        OrderKind kind,
        string of,
        string? reason,
        Func<Order, Order> complete
    )
    {
        var key = request.GetKey();
        CheckPlain("of", of);
        CheckPlain("reason", reason);
        var view = await face.Around.Desk.TakeAsync(owner =>
            complete(
                new Order
                {
                    Id = Order.IdOf(request.Person.Name, key),
                    Kind = kind,
                    Of = of,
                    Person = request.Person.Name,
                    Reason = reason?.Trim() ?? "not given",
                    Owner = owner,
                }
            )
        );
        return Tell(202, view, HttpDocuments.Json.OrderView, $"/orders/{view.Order}");
    }

    private static async Task<HttpAnswer> ShowOrderAsync(HttpFace face, ApiRequest request) =>
        Tell(200, await face.Around.Desk.GetAsync(request.Names[0]), HttpDocuments.Json.OrderView);

    private static async Task<HttpAnswer> AbortAsync(HttpFace face, ApiRequest request)
    {
        var body = await request.ReadAsync(HttpBodies.Default.AbortBody, face.Around.Stop);
        return await SayAsync(
            face,
            request,
            new RunVerb(RunVerbKind.Abort, request.Person.Name, WithReason(body.Reason)) { KeepsEffects = body.Keep }
        );
    }

    private static async Task<HttpAnswer> SayAsync(HttpFace face, ApiRequest request, RunVerbKind kind)
    {
        var body = await request.ReadAsync(HttpBodies.Default.WordBody, face.Around.Stop);
        return await SayAsync(
            face,
            request,
            new RunVerb(kind, request.Person.Name, WithReason(body.Reason)) { Step = new StepId(request.Names[1]) }
        );
    }

    /// <summary>As the commands do it. The glass is not broken from here: that takes the vault's secret.</summary>
    private static async Task<HttpAnswer> SayAsync(HttpFace face, ApiRequest request, RunVerb verb)
    {
        var key = request.GetKey();
        var said = await WithVaultAsync(
            face,
            (plan, vault) =>
                RunsSayCommand.SayAsync(
                    face.Around.Session,
                    plan,
                    vault,
                    request.Names[0],
                    verb with
                    {
                        Key = Order.IdOf(request.Person.Name, key),
                    },
                    face.Around.Stop
                )
        );
        face.Around.Log.Write(
            LogLevel.Note,
            "http",
            $"run {said.Run}{(said.Step is { } step ? $", step {step}" : "")}: {said.Word} by {said.Person}: {said.Reason}"
        );
        // Who asks once more by the same key gets the same answer, and what comes next may have come by then.
        return Tell(200, said with { Next = null }, RunDocuments.Json.RunSaidDocument, $"/runs/{said.Run}");
    }

    private static async Task<HttpAnswer> ListAsync(HttpFace face, ApiRequest request)
    {
        var onlyOpen = request.Context.Request.Query["open"] == "true";
        var runs = await WithVaultAsync(
            face,
            (plan, vault) => RunsListCommand.ReadAsync(face.Around.Session, plan, vault, onlyOpen, face.Around.Stop)
        );
        return Tell(200, runs, RunDocuments.Json.RunsDocument);
    }

    private static async Task<HttpAnswer> ShowAsync(HttpFace face, ApiRequest request)
    {
        var run = await WithVaultAsync(
            face,
            async (plan, vault) =>
            {
                var journal = await RunAccess.FindAsync(
                    face.Around.Session,
                    plan,
                    vault,
                    request.Names[0],
                    face.Around.Stop
                );
                return RunDocument.Of(journal.Run, journal.State);
            }
        );
        return Tell(200, run, RunDocuments.Json.RunDocument);
    }

    private static async Task<T> WithVaultAsync<T>(HttpFace face, Func<Plan, Vault, Task<T>> work)
    {
        var plan = face.Around.Daemon.Plan ?? throw ApiProblems.Unready();
        await face.Vaults.WaitAsync(face.Around.Stop);
        try
        {
            using var vault = await VaultAccess.OpenAsync(face.Around.Session, plan, face.Around.Stop);
            return await work(plan, vault);
        }
        finally
        {
            face.Vaults.Release();
        }
    }

    /// <summary>It goes into the ledger, so there has to be one.</summary>
    private static string WithReason(string reason)
    {
        CheckPlain("reason", reason);
        return reason.Trim() is { Length: > 0 } written ? written : throw ApiProblems.BadBody("'reason' is empty");
    }

    /// <summary>It is shown on terminals: who asks must not write there what others seem to say.</summary>
    private static void CheckPlain(string name, string? text)
    {
        if (text is not null && text.Any(char.IsControl))
            throw ApiProblems.BadBody($"'{name}' has control characters");
    }

    private static HttpAnswer Tell<T>(int status, T document, JsonTypeInfo<T> type, string? location = null) =>
        new(status, HttpPages.Json, JsonSerializer.Serialize(document, type), location);
}
