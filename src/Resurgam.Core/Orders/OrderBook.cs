using System.Text.Json;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Predictions;

namespace Resurgam.Core.Orders;

/// <summary>What people have asked of daemons, in one stream of the ledger: who asks again by the same key is told what came of it.</summary>
/// <remarks>
/// An order is an entry right behind all that was read, so that of two daemons that get the same one, one takes it. Layout:
/// docs/formats/ledger.md. Not thread-safe.
/// </remarks>
public sealed class OrderBook
{
    private const string Taken = "order";
    private const string Ended = "order-ended";

    private readonly LedgerWriter _writer;
    private readonly Dictionary<string, OrderState> _orders = new(StringComparer.Ordinal);
    private LedgerHead _head;

    public OrderBook(LedgerWriter writer)
    {
        (_writer, _head) = (writer, writer.Ledger.Beginning(Stream));
    }

    /// <param name="known">An order to be ended: what stands before it is not read.</param>
    public OrderBook(LedgerWriter writer, OrderState known)
    {
        (_writer, _head) = (writer, known.Head);
        _orders.Add(known.Order.Id, known);
    }

    public static StreamName Stream { get; } =
        StreamName.TryParse("api.orders", out var stream) ? stream : throw new InvalidOperationException();

    /// <summary>As far as it was read: those that are not at their end, oldest first.</summary>
    public IReadOnlyList<OrderState> Open =>
        [.. _orders.Values.Where(order => order.Ending is null).OrderBy(order => order.Head.Seq)];

    /// <returns>Null when there is none, as far as it was read.</returns>
    public OrderState? Find(string id) => _orders.GetValueOrDefault(id);

    /// <summary>Reads on to the end of the stream.</summary>
    /// <exception cref="Problems.ResurgamException">The store's and the ledger's own.</exception>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await foreach (var entry in _writer.Ledger.ReadAsync(Stream, _head.Seq + 1, cancellationToken))
            Apply(entry);
    }

    /// <summary>Writes an order down, unless there is one of its id: then that one is given.</summary>
    /// <exception cref="Problems.ResurgamException">The store's own; it may stand there all the same: ask again by the same id.</exception>
    public async Task<(OrderState State, bool IsNew)> TakeAsync(Order order, CancellationToken cancellationToken)
    {
        while (true)
        {
            await CatchUpAsync(cancellationToken);
            if (Find(order.Id) is { } known)
                return (known, false);
            if (
                await _writer.TryAppendAfterAsync(_head, LedgerFact.Of(Taken, order.Write), cancellationToken) is
                { } entry
            )
            {
                Apply(entry);
                return (_orders[order.Id], true);
            }
        }
    }

    /// <summary>Writes what came of it, unless that is there already.</summary>
    public async Task EndAsync(string id, OrderEnding ending, CancellationToken cancellationToken)
    {
        var fact = LedgerFact.Of(
            Ended,
            json =>
            {
                json.WriteString("order", id);
                json.WriteBoolean("passed", ending.Passed);
                json.WriteString("what", ending.What);
                if (ending.Code is not null)
                    json.WriteString("code", ending.Code);
            }
        );
        await CatchUpAsync(cancellationToken);
        while (Find(id) is { Ending: null })
            if (await _writer.TryAppendAfterAsync(_head, fact, cancellationToken) is { } entry)
                Apply(entry);
            else
                await CatchUpAsync(cancellationToken);
    }

    private void Apply(LedgerEntry entry)
    {
        _head = entry.Head;
        using var document = JsonDocument.Parse(entry.Body);
        var body = document.RootElement;
        switch (entry.Kind)
        {
            case Taken when Order.TryRead(body) is { } order:
                _orders.TryAdd(order.Id, new OrderState(order, entry.Head, entry.Time, Ending: null));
                break;
            case Ended when Find(body.FindText("order") ?? "") is { Ending: null } state:
                _orders[state.Order.Id] = state with
                {
                    Ending = new OrderEnding(
                        body.FindFlag("passed") == true,
                        body.FindText("what") ?? "",
                        body.FindText("code")
                    )
                    {
                        At = entry.Time,
                    },
                };
                break;
        }
    }
}

/// <param name="Head">Its entry.</param>
/// <param name="Ending">Null: it is not at its end.</param>
public sealed record OrderState(Order Order, LedgerHead Head, DateTimeOffset AskedAt, OrderEnding? Ending);
