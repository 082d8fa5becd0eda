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
    private readonly Lock _stopGate = new();
    private Counter? _counter;
    private Task? _stopping;

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
        // Asked before it is read on: what ends in between is read as open.
        var working = _working.Keys.ToHashSet(StringComparer.Ordinal);
        await book.CatchUpAsync(end);
        try
        {
            foreach (var left in book.Open)
                if (seat.IsDead(left.Order.Owner) && !working.Contains(left.Order.Id))
                {
                    log.Write(LogLevel.Note, NameOf(left.Order), $"of {left.Order.Person}: taken up again");
                    Start(plan, left, isAgain: true);
                }
            await OpenAsync(new Counter(plan, vault, book, seat.Owner), end);
            await Task.Delay(Timeout.InfiniteTimeSpan, session.Time, end);
        }
        finally
        {
            await OpenAsync(null, CancellationToken.None);
            if (stop.IsCancellationRequested)
                await StopAsync(); // who sits here next takes us for dead
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
            var isWorking = _working.ContainsKey(order.Id); // before it is read on, as above
            await book.CatchUpAsync(stop);
            if (book.Find(order.Id) is { } known)
                return Again(plan, known, order, isWorking);
            OrderWork.Check(session, plan, order);
            order = order with
            {
                Run =
                    order.Kind == OrderKind.Resume
                        ? (await RunAccess.FindAsync(session, plan, vault, order.Of, stop)).Run
                        : OrderWork.NewRun(session, plan, order),
            };
            var (state, isNew) = await TakeAsync(book, order);
            if (!isNew)
                return Again(plan, state, order, isWorking);
            log.Write(LogLevel.Note, NameOf(order), $"asked for by {order.Person}: {order.Reason}");
            Start(plan, state, isAgain: !await TryBeginAsync(plan, vault, state));
            return ViewOf(state);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A writing that was not heard may be there all the same: then the order begins now, and not when somebody happens to ask.</summary>
    private async Task<(OrderState State, bool IsNew)> TakeAsync(OrderBook book, Order order)
    {
        try
        {
            return await book.TakeAsync(order, stop);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
        {
            await book.CatchUpAsync(stop);
            if (book.Find(order.Id) is { } written)
                return (written, written.Order == order);
            throw;
        }
    }

    /// <summary>The run of an order for one is there when the answer comes, unless the store fails just now.</summary>
    /// <returns>False: the work has to try it again.</returns>
    private async Task<bool> TryBeginAsync(Plan plan, Vault vault, OrderState state)
    {
        if (state.Order.Kind != OrderKind.Run)
            return true;
        try
        {
            await new OrderWork(session, plan, state.Order, state.AskedAt, _ => { }).BeginAsync(vault, stop);
            return true;
        }
        catch (ResurgamException e)
        {
            log.Write(LogLevel.Warning, NameOf(state.Order), e.Problem.What, e.Problem.Code);
            return false;
        }
    }

    /// <summary>Ours that was written unheard begins only now.</summary>
    /// <param name="isWorking">It was under way before the book was read on.</param>
    private OrderView Again(Plan plan, OrderState known, Order order, bool isWorking)
    {
        if (!known.Order.IsSameAs(order))
            throw ApiProblems.KeyReused();
        if (known.Ending is null && known.Order.Owner == order.Owner && !isWorking)
            Start(plan, known, isAgain: true);
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
    public Task StopAsync()
    {
        lock (_stopGate)
            return _stopping ??= WaitForWorkAsync();
    }

    private async Task WaitForWorkAsync()
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

    /// <param name="isAgain">As of <see cref="OrderWork.DoAsync"/>.</param>
    private void Start(Plan plan, OrderState state, bool isAgain)
    {
        TaskCompletionSource listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _working[state.Order.Id] = Task.Run(
            async () =>
            {
                await listed.Task;
                try
                {
                    await DoAsync(plan, state, isAgain);
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

    private async Task DoAsync(Plan plan, OrderState state, bool isAgain)
    {
        var name = NameOf(state.Order);
        OrderWork work = new(session, plan, state.Order, state.AskedAt, told => log.Write(LogLevel.Note, name, told));
        var lane = LaneOf(state.Order.Kind);
        try
        {
            await (lane?.WaitAsync(stop) ?? Task.CompletedTask);
            try
            {
                var ending = await work.DoAsync(isAgain, stop);
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
