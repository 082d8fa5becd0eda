using System.Diagnostics;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Traces;

/// <summary>What the program does, as spans of OpenTelemetry. Nobody listens unless <see cref="TraceExport"/> runs: then all of it costs nothing.</summary>
public static class Spans
{
    public const string SourceName = "resurgam";

    private const string StageProperty = "stage";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Does the work inside a span. What the work throws fails the span, too; a cancellation does not.</summary>
    /// <param name="name">Few values: which one it was is said by a tag.</param>
    /// <param name="tags">Their names begin with <c>resurgam.</c>, unless OpenTelemetry has a name for it.</param>
    /// <param name="work">Told of its span; null: nobody listens.</param>
    public static Task<T> RunAsync<T>(
        string name,
        ReadOnlySpan<(string Name, object? Value)> tags,
        Func<Activity?, Task<T>> work
    ) => RunAsync(name, default, tags, work);

    /// <param name="parent">Of another process; default: the span that this is called in.</param>
    /// <inheritdoc cref="RunAsync{T}(string, ReadOnlySpan{ValueTuple{string, object}}, Func{Activity, Task{T}})"/>
    public static Task<T> RunAsync<T>(
        string name,
        ActivityContext parent,
        ReadOnlySpan<(string Name, object? Value)> tags,
        Func<Activity?, Task<T>> work
    )
    {
        if (!Source.HasListeners())
            return work(null);
        var span = Source.CreateActivity(name, ActivityKind.Internal, parent);
        foreach (var (tag, value) in tags)
            span?.SetTag(tag, value);
        return span is null ? work(null) : InsideAsync(span, work);
    }

    public static Task RunAsync(
        string name,
        ReadOnlySpan<(string Name, object? Value)> tags,
        Func<Activity?, Task> work
    ) =>
        RunAsync(
            name,
            tags,
            async span =>
            {
                await work(span);
                return true;
            }
        );

    /// <summary>The work ended, and what came of it is bad.</summary>
    public static void Fail(Activity? span, string code, string what) =>
        span?.SetTag("error.type", code).SetStatus(ActivityStatusCode.Error, what);

    /// <summary>The same for the span that this is called in.</summary>
    public static void Fail(string code, string what)
    {
        if (Activity.Current is { } span && span.Source == Source)
            Fail(span, code, what);
    }

    /// <summary>Of the span that this is called in.</summary>
    public static void Note(params ReadOnlySpan<(string Name, object? Value)> tags)
    {
        if (Activity.Current is not { } span || span.Source != Source)
            return;
        foreach (var (name, value) in tags)
            span.SetTag(name, value);
    }

    /// <summary>A new part of the work of the span that this is called in; the one before has ended.</summary>
    public static void Stage(string name)
    {
        if (Activity.Current is not { } outer || outer.Source != Source)
            return;
        EndStage(outer);
        var stage = Source.StartActivity(name);
        Activity.Current = outer; // what is done meanwhile belongs to the whole, whoever calls it
        outer.SetCustomProperty(StageProperty, stage);
    }

    /// <summary>For a program that is started here, as its variable <c>TRACEPARENT</c>; null: it has no part in a trace.</summary>
    public static string? ParentOfPrograms => Source.HasListeners() ? Activity.Current?.Id : null;

    private static async Task<T> InsideAsync<T>(Activity span, Func<Activity?, Task<T>> work)
    {
        span.Start();
        try
        {
            return await work(span);
        }
        catch (OperationCanceledException)
        {
            span.SetTag("resurgam.stopped", true);
            throw;
        }
        catch (ResurgamException e)
        {
            Fail(span, e.Problem.Code, e.Problem.What);
            throw;
        }
        finally
        {
            EndStage(span);
            span.Stop();
        }
    }

    private static void EndStage(Activity span) => (span.GetCustomProperty(StageProperty) as Activity)?.Stop();
}
