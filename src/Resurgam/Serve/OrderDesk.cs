using System.Collections.Concurrent;
using Resurgam.Adapters.Processes;
using Resurgam.Cli;
using Resurgam.Core.Orders;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Ledgers;
using Resurgam.Runs;
using Resurgam.Vaults;

namespace Resurgam.Serve;

/// <summary>
/// Takes orders, writes them down, and does them: once each, also when their daemon dies in between. What is under way goes on when
/// the plan changes. Thread-safe.
/// </summary>
internal sealed class OrderDesk(Session session, DaemonLog log, CancellationToken stop) : IDisposable
{
    /// <summary>After the order to stop: how long work may take to end.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, Task> _working = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SemaphoreSlim _backups = new(2, 2);
    private readonly SemaphoreSlim _verifications = new(1, 1);
    private Counter? _counter;

    /// <summary>Of a plan, until the token says so: does what a dead daemon of this state folder has left, and takes new orders.</summary>
    public async Task KeepAsync(Plan plan, CancellationToken end)
    {
        using var vault = await VaultAccess.OpenAsync(session, plan, end);
        if (vault.Descriptor is null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, session.Time, end); // a plain repository has no ledger
            return;
        }
        using var seat = DaemonSeat.Take(
            Path.Combine(session.StateDirectoryOf(plan), "serve", "orders"),
            vault.Host.Identity.Hostname,
            session.Entropy
        );
        OrderBook book = new(LedgerAccess.OpenWriter(session, plan, vault));
        await book.CatchUpAsync(end);
        foreach (var left in book.Open)
            if (seat.IsDead(left.Order.Owner) && !_working.ContainsKey(left.Order.Id))
            {
                log.Write(LogLevel.Note, NameOf(left.Order), $"of {left.Order.Person}: taken up again");
                Start(plan, left);
            }
        await OpenAsync(new Counter(plan, vault, book, seat.Owner), end);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, session.Time, end);
        }
        finally
        {
            await OpenAsync(null, CancellationToken.None);
        }
    }

    /// <summary>Writes an order down and begins with it. Asked again by the same id, it only tells how it stands.</summary>
    /// <param name="make">Of the owner that the order is to have.</param>
    /// <exception cref="ResurgamException">
    /// It cannot be done; <c>api-key-reused</c>; <c>api-unready</c>; the store's own: ask again.
    /// </exception>
    public async Task<OrderView> TakeAsync(Func<string, Order> make)
    {
        await _gate.WaitAsync(stop);
        try
        {
            var (plan, vault, book, owner) = _counter ?? throw ApiProblems.Unready();
            var order = make(owner);
            await book.CatchUpAsync(stop);
            if (book.Find(order.Id) is { } known)
                return Again(plan, known, order);
            OrderWork.Check(session, plan, order);
            order = order with
            {
                Run =
                    order.Kind == OrderKind.Resume
                        ? (await RunAccess.FindAsync(session, plan, vault, order.Of, stop)).Run
                        : OrderWork.NewRun(session, plan, order),
            };
            var (state, isNew) = await book.TakeAsync(order, stop);
            if (!isNew)
                return Again(plan, state, order);
            log.Write(LogLevel.Note, NameOf(order), $"asked for by {order.Person}: {order.Reason}");
            if (order.Kind == OrderKind.Run)
                await new OrderWork(session, plan, order, _ => { }).BeginAsync(vault, stop);
            Start(plan, state);
            return ViewOf(state);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ours that was written unheard begins only now.</summary>
    private OrderView Again(Plan plan, OrderState known, Order order)
    {
        if (!known.Order.IsSameAs(order))
            throw ApiProblems.KeyReused();
        if (known.Ending is null && known.Order.Owner == order.Owner && !_working.ContainsKey(order.Id))
            Start(plan, known);
        return ViewOf(known);
    }

    /// <exception cref="ResurgamException"><c>api-absent</c>, <c>api-unready</c></exception>
    public async Task<OrderView> GetAsync(string id)
    {
        await _gate.WaitAsync(stop);
        try
        {
            var book = (_counter ?? throw ApiProblems.Unready()).Book;
            await book.CatchUpAsync(stop);
            return ViewOf(book.Find(id) ?? throw ApiProblems.NoOrder(id));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>After the token to stop: waits for what is being done.</summary>
    public async Task StopAsync()
    {
        var all = Task.WhenAll(_working.Values);
        if (await Task.WhenAny(all, Task.Delay(StopLimit, session.Time, CancellationToken.None)) != all)
            log.Write(
                LogLevel.Warning,
                "orders",
                $"work did not end within {StopLimit.TotalSeconds} s; the next daemon takes it up"
            );
    }

    public void Dispose()
    {
        _gate.Dispose();
        _backups.Dispose();
        _verifications.Dispose();
    }

    private static string NameOf(Order order) => $"order {Order.NameOf(order.Kind)} {order.Of}";

    private OrderView ViewOf(OrderState state) =>
        OrderView.OfState(state, isWorking: _working.ContainsKey(state.Order.Id));

    private async Task OpenAsync(Counter? counter, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        _counter = counter;
        _gate.Release();
    }

    private void Start(Plan plan, OrderState state)
    {
        TaskCompletionSource listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _working[state.Order.Id] = Task.Run(
            async () =>
            {
                await listed.Task;
                try
                {
                    await DoAsync(plan, state);
                }
                finally
                {
                    _working.TryRemove(state.Order.Id, out _);
                }
            },
            CancellationToken.None
        );
        listed.SetResult();
    }

    private async Task DoAsync(Plan plan, OrderState state)
    {
        var name = NameOf(state.Order);
        OrderWork work = new(session, plan, state.Order, told => log.Write(LogLevel.Note, name, told));
        var lane = LaneOf(state.Order.Kind);
        try
        {
            await (lane?.WaitAsync(stop) ?? Task.CompletedTask);
            try
            {
                var ending = await work.DoAsync(stop);
                log.Write(ending.Passed ? LogLevel.Note : LogLevel.Warning, name, ending.What, ending.Code);
                await EndAsync(plan, state, ending);
            }
            finally
            {
                lane?.Release();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            log.Write(LogLevel.Note, name, "stopped; the next daemon takes it up");
        }
    }

    /// <summary>A machine has two hands; a run mostly waits, and places of drills are claimed.</summary>
    private SemaphoreSlim? LaneOf(OrderKind kind) =>
        kind switch
        {
            OrderKind.Backup => _backups,
            OrderKind.Verify => _verifications,
            OrderKind.Run or OrderKind.Resume or OrderKind.Drill => null,
        };

    /// <summary>What is done and cannot be written is done again by the next daemon: all of it may be.</summary>
    private async Task EndAsync(Plan plan, OrderState state, OrderEnding ending)
    {
        while (true)
            try
            {
                using var vault = await VaultAccess.OpenAsync(session, plan, stop);
                await new OrderBook(LedgerAccess.OpenWriter(session, plan, vault), state).EndAsync(
                    state.Order.Id,
                    ending,
                    stop
                );
                return;
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
            {
                log.Write(LogLevel.Warning, NameOf(state.Order), e.Problem.What, e.Problem.Code);
                await Task.Delay(TimeSpan.FromSeconds(5), session.Time, stop);
            }
            catch (ResurgamException e)
            {
                log.Write(
                    LogLevel.Error,
                    NameOf(state.Order),
                    $"its end is not written: {e.Problem.What}",
                    e.Problem.Code
                );
                return;
            }
    }

    private sealed record Counter(Plan Plan, Vault Vault, OrderBook Book, string Owner);
}
