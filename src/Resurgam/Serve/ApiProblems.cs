using System.Globalization;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;

namespace Resurgam.Serve;

internal static class ApiProblems
{
    public static ResurgamException Unauthorized() =>
        Of(
            "api-unauthorized",
            "the request says by no token of the plan who asks",
            "Send 'Authorization: Bearer TOKEN' with the token that 'people.NAME.token' of the plan names, or ask through the unix socket."
        );

    public static ResurgamException Forbidden(string person, string right, IEnumerable<string> may) =>
        Of(
            "api-forbidden",
            $"{person} may not do this: '{right}' is not in 'people.{person}.may' of the plan",
            $"Ask as somebody else, or extend the plan. {person} may: {string.Join(", ", may)}."
        );

    public static ResurgamException Stranger(string user) =>
        Of(
            "api-forbidden",
            $"the user '{user}' is nobody of the plan, and may look and no more",
            $"Ask with a token, or add 'login: {user}' to the person of the plan who that is."
        );

    public static ResurgamException BadHost(string host) =>
        Of(
            "api-host",
            $"the request is for host '{host}', which is none of this address's names",
            "Use the address that 'resurgam serve --listen' was given, or 'localhost' for a loopback address."
        );

    public static ResurgamException NoKey() =>
        Of(
            "api-key",
            $"the request has no header 'Idempotency-Key' of 1 to {ApiRequest.MostKeyLength} visible characters",
            "Send one that is new for each thing you want done, for example a UUID, and the same one again when you repeat the request."
        );

    public static ResurgamException KeyReused() =>
        Of(
            "api-key-reused",
            "the idempotency key was used for another request before",
            "Use a new key for each thing you want done; the old one belongs to what it asked for first."
        );

    public static ResurgamException BadBody(string why) =>
        Of("api-body", $"the body of the request is not understood: {why}", "GET /openapi.json describes it.");

    public static ResurgamException NoPath(string path) =>
        Of("api-absent", $"there is nothing at '{path}'", "GET /openapi.json lists all there is.");

    public static ResurgamException NoMethod(string path, string method, string allowed) =>
        Of("api-method", $"'{path}' has no {method}", $"It has: {allowed}.");

    public static ResurgamException NoOrder(string id) =>
        Of("api-absent", $"there is no order '{id}'", "The answer to the request that gave the order names it.");

    public static ResurgamException Unready() =>
        new(
            new Problem(
                "api-unready",
                Remedy.Retry,
                "the daemon takes no orders: its vault is not open",
                "GET /healthz says why; ask again by the same key."
            )
        );

    /// <summary>For the log: that token opens nothing.</summary>
    public static string ShortToken(Person person, int least) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"the token of {person.Name} is shorter than {least} characters, and is not taken: make one with 'openssl rand -hex 32'"
        );

    /// <summary>For the log: who asks by it could be any of them.</summary>
    public static string SharedToken(IEnumerable<string> people) =>
        $"{string.Join(" and ", people)} have the same token, and it is taken for none of them: give each their own";

    /// <summary>Which status of HTTP a problem has.</summary>
    public static int StatusOf(Problem problem) =>
        problem.Code switch
        {
            "api-unauthorized" => 401,
            "api-forbidden" => 403,
            "api-method" => 405,
            "api-host" => 421,
            "api-key-reused" => 422,
            "api-key" or "api-body" => 400,
            "run-word" or "run-led" or "drill-open" => 409,
            "plan-asset-unknown" => 404,
            var code when code.EndsWith("-absent", StringComparison.Ordinal) => 404,
            _ => problem.Remedy switch
            {
                Remedy.Retry => 503,
                Remedy.Fix => 422,
                Remedy.Report => 500,
            },
        };

    private static ResurgamException Of(string code, string what, string hint) =>
        new(new Problem(code, Remedy.Fix, what, hint));
}
