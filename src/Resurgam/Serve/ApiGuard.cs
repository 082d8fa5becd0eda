using System.Security.Cryptography;
using System.Text;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;

namespace Resurgam.Serve;

/// <summary>Who asks: by a token that the plan names for a person, or by the user at the other end of a unix socket. Thread-safe.</summary>
internal sealed class ApiGuard(Session session, DaemonLog log) : IDisposable
{
    /// <summary>Shorter ones can be guessed.</summary>
    public const int LeastTokenLength = 32;

    /// <summary>A token that was changed or taken away counts no longer than that.</summary>
    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(10);

    private const string Scheme = "Bearer ";

    private readonly SemaphoreSlim _gate = new(1, 1);
    private Known? _known;

    /// <param name="authorization">The header; null or empty when there is none.</param>
    /// <param name="user">At the other end of a unix socket; null: it is no such socket.</param>
    /// <exception cref="ResurgamException"><c>api-unauthorized</c>, <c>api-forbidden</c></exception>
    public async Task<Person> GetAsync(
        Plan plan,
        string? authorization,
        string? user,
        PersonRight right,
        CancellationToken cancellationToken
    )
    {
        var person = await FindAsync(plan, authorization, user, cancellationToken) ?? throw ApiProblems.Unauthorized();
        if (person.May.Count > 0 && right != PersonRight.Look && !person.May.Contains(right))
            throw plan.People.Contains(person)
                ? ApiProblems.Forbidden(person.Name, right.ToWord(), person.May.Select(one => one.ToWord()))
                : ApiProblems.Stranger(person.Name);
        return person;
    }

    public void Dispose() => _gate.Dispose();

    private async Task<Person?> FindAsync(
        Plan plan,
        string? authorization,
        string? user,
        CancellationToken cancellationToken
    )
    {
        // A user whom the plan does not name may be somebody whom it names: they would have two voices.
        if (string.IsNullOrEmpty(authorization))
            return user is null
                ? null
                : plan.People.FirstOrDefault(one => one.User == user)
                    ?? new Person { Name = user, May = [PersonRight.Look] };
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim()));
        Person? found = null;
        // All are compared, each in the same time, whether or not one before it was right.
        foreach (var (person, token) in await ReadAsync(plan, cancellationToken))
            if (CryptographicOperations.FixedTimeEquals(digest, token))
                found ??= person;
        return found;
    }

    private async Task<IReadOnlyList<(Person Person, byte[] Digest)>> ReadAsync(
        Plan plan,
        CancellationToken cancellationToken
    )
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_known is { } known && known.Plan == plan && session.Time.GetElapsedTime(known.ReadAt) < ReadAgain)
                return known.Tokens;
            List<(Person, byte[])> tokens = [];
            foreach (var person in plan.People)
                if (await TryDigestAsync(person, cancellationToken) is { } digest)
                    tokens.Add((person, digest));
            RemoveShared(tokens);
            _known = new Known(plan, session.Time.GetTimestamp(), tokens);
            return tokens;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A token that two people have says of neither who asks.</summary>
    private void RemoveShared(List<(Person Person, byte[] Digest)> tokens)
    {
        var shared = tokens.GroupBy(token => Convert.ToHexString(token.Digest)).Where(group => group.Count() > 1);
        foreach (var people in shared.Select(group => group.Select(token => token.Person).ToList()).ToList())
        {
            tokens.RemoveAll(token => people.Contains(token.Person));
            log.Write(LogLevel.Warning, "http", ApiProblems.SharedToken(people.Select(person => person.Name)));
        }
    }

    /// <returns>Null: there is none that could be taken, and the log says why.</returns>
    private async Task<byte[]?> TryDigestAsync(Person person, CancellationToken cancellationToken)
    {
        if (person.Token is not { } source)
            return null;
        try
        {
            var secret = await session.ReadSecretAsync(source, cancellationToken);
            if (secret.Bytes.Length >= LeastTokenLength)
                return SHA256.HashData(secret.Bytes.Span);
            log.Write(LogLevel.Warning, "http", ApiProblems.ShortToken(person, LeastTokenLength));
        }
        catch (ResurgamException e)
        {
            log.Write(LogLevel.Warning, "http", $"the token of {person.Name}: {e.Problem.What}", e.Problem.Code);
        }
        return null;
    }

    private sealed record Known(Plan Plan, long ReadAt, IReadOnlyList<(Person Person, byte[] Digest)> Tokens);
}
