using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Tests.Support;

/// <summary>
/// An API server in memory that forgives less than a real one: lists come in pages of few, tokens of pages and moments are
/// taken only as they were given, fields belong to their managers with whole lists as one field, one who applies is another
/// manager than the one of the same name who writes, and what a body must not hold is refused. The real one is asked the same
/// by KubernetesRestoreTests of the real tests.
/// </summary>
internal sealed class KubernetesDouble : HttpMessageHandler
{
    public const string Uid = "0d6fa9a2-7a3e-4c7b-9f0c-3f0f5f1f0001";

    private static readonly ResourceType Definitions = new(
        "apiextensions.k8s.io",
        "v1",
        "customresourcedefinitions",
        "CustomResourceDefinition",
        false
    );
    private readonly List<ResourceType> _types =
    [
        new("", "v1", "namespaces", "Namespace", false),
        new("", "v1", "secrets", "Secret", true),
        new("", "v1", "configmaps", "ConfigMap", true),
        new("", "v1", "services", "Service", true),
        new("", "v1", "serviceaccounts", "ServiceAccount", true),
        new("", "v1", "pods", "Pod", true),
        new("", "v1", "limitranges", "LimitRange", true),
        new("", "v1", "events", "Event", true),
        new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true),
        new("apps", "v1", "deployments", "Deployment", true),
        new("apps", "v1", "replicasets", "ReplicaSet", true),
        new("apps", "v1", "statefulsets", "StatefulSet", true),
        new("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true),
        new("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true),
        new("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true),
        new("kustomize.toolkit.fluxcd.io", "v1", "kustomizations", "Kustomization", true),
        new("argoproj.io", "v1alpha1", "applications", "Application", true),
        new("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true),
        new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false),
        new("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false),
        new("storage.k8s.io", "v1", "storageclasses", "StorageClass", false),
        Definitions,
    ];

    /// <summary>Every state of every object, oldest first; null: deleted.</summary>
    private readonly SortedDictionary<string, List<(long Revision, JsonObject? Json)>> _objects = new(
        StringComparer.Ordinal
    );
    private readonly Dictionary<string, (string Query, long Revision, string After)> _tokens = [];
    private long _revision = 100;
    private long _compacted;

    public KubernetesDouble(string uid = Uid)
    {
        foreach (var name in (string[])["default", "kube-system"])
            Put("v1", "Namespace", null, name, "{}");
        Live("/api/v1/namespaces/kube-system")["metadata"]!["uid"] = uid;
    }

    public int PageItems { get; set; } = 2;

    /// <summary>Answers of the next requests, in place of the true ones.</summary>
    public Queue<(HttpStatusCode Status, string? RetryAfter)> Faults { get; } = new();

    /// <summary>Paths that are denied.</summary>
    public HashSet<string> Denied { get; } = [];

    /// <summary>Groups that are named and do not answer.</summary>
    public HashSet<string> Broken { get; } = [];

    /// <summary>Kinds whose program knows no apply: true breaks the connection off, false says it.</summary>
    public Dictionary<string, bool> WithoutApply { get; } = [];

    /// <summary>A kind whose objects nobody may write, since a webhook for them does not answer.</summary>
    public string? SilentWebhookOn { get; set; }

    /// <summary>Called before each request.</summary>
    public Action<HttpMethod, string> Before { get; set; } = (_, _) => { };

    public List<string> Writes { get; } = [];

    /// <summary>What containers said, by the path of the request before its query's end.</summary>
    public Dictionary<string, string> Logs { get; } = [];

    /// <summary>How often a budget still refuses an eviction.</summary>
    public int BudgetRefusals { get; set; }

    /// <summary>By version: a field that it does not declare and refuses, or with a true drops and says nothing.</summary>
    public Dictionary<string, (string Field, bool IsDropped)> Undeclared { get; } = [];

    /// <summary>By version: how many fields it fills in that are not set.</summary>
    public Dictionary<string, int> Defaulted { get; } = [];

    public long Revision => _revision;

    /// <summary>Serves the types of a version of a group in another one, as an older or a newer cluster does.</summary>
    public void Reversion(string apiVersion, string version)
    {
        for (var i = 0; i < _types.Count; i++)
            if (_types[i].ApiVersion == apiVersion)
                _types[i] = _types[i] with { Version = version };
    }

    public IEnumerable<string> Paths =>
        _objects.Where(pair => pair.Value[^1].Json is not null).Select(pair => pair.Key);

    public ApiConnection Connect(TimeProvider time)
    {
        KubeContext context = new() { Name = "double", Server = "https://double.invalid:6443" };
        return new ApiConnection(context, new ApiCredentials(context, time), this, time);
    }

    /// <summary>Puts an object as another manager, with what a server adds.</summary>
    public void Put(string apiVersion, string kind, string? place, string name, string json, string manager = "kubectl")
    {
        var body = (JsonObject)JsonNode.Parse(json)!;
        body["apiVersion"] = apiVersion;
        body["kind"] = kind;
        var metadata = body["metadata"] as JsonObject ?? [];
        body["metadata"] = metadata;
        metadata["name"] = name;
        if (place is not null)
            metadata["namespace"] = place;
        var type = _types.Single(each => each.ApiVersion == apiVersion && each.Kind == kind);
        Store(
            type.PathOf(place, name),
            Finish(
                body,
                LiveOrNull(type.PathOf(place, name)),
                (manager, ManagedFields.Updates),
                ManagedFields.Leaves(body)
            )
        );
    }

    public void Delete(string path) => _objects[path].Add((++_revision, null));

    /// <summary>Moments before now are gone.</summary>
    public void Compact() => _compacted = _revision;

    public JsonObject Live(string path) =>
        LiveOrNull(path) ?? throw new InvalidOperationException($"there is no {path}");

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var uri = request.RequestUri ?? throw new InvalidOperationException("no address");
        var path = Uri.UnescapeDataString(uri.AbsolutePath);
        Before(request.Method, uri.PathAndQuery);
        if (Faults.TryDequeue(out var fault))
        {
            var response = Fail(fault.Status, "Fault", "told to fail");
            if (fault.RetryAfter is { } wait)
                response.Headers.Add("Retry-After", wait);
            return response;
        }
        if (Denied.Contains(path))
            return Fail(HttpStatusCode.Forbidden, "Forbidden", $"{path} is forbidden");
        var query = uri.Query;
        if (Discover(path) is { } discovery)
            return discovery;
        if (
            request.Method == HttpMethod.Patch
            && request.Content?.Headers.ContentType?.MediaType == ApiRequest.MergeType
        )
            return Merge(path, query, await request.Content.ReadAsStringAsync(cancellationToken));
        if (request.Method == HttpMethod.Post && path.EndsWith("/eviction", StringComparison.Ordinal))
            return Evict(path, await request.Content!.ReadAsStringAsync(cancellationToken));
        if (request.Method == HttpMethod.Delete)
            return LiveOrNull(path) is null ? NoSuch(path) : Deleted(path);
        if (request.Method == HttpMethod.Get && path.EndsWith("/log", StringComparison.Ordinal))
            return Logs.TryGetValue(
                uri.PathAndQuery.Split("&timestamps")[0] + (query.Contains("previous") ? " previous" : ""),
                out var log
            )
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(log) }
                : Fail(HttpStatusCode.BadRequest, "BadRequest", "container is waiting to start");
        if (request.Method == HttpMethod.Post)
            return Create(path, query, await request.Content!.ReadAsStringAsync(cancellationToken));
        if (request.Method == HttpMethod.Patch)
            return Apply(request, path, query, await request.Content!.ReadAsStringAsync(cancellationToken));
        if (request.Method != HttpMethod.Get)
            return Fail(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed", "not by this double");
        var lists = _types.Where(type => IsListOf(type, path)).ToList();
        if (lists is [var listed])
            return List(listed, path, query);
        return LiveOrNull(path) is { } found ? Answer(found) : NoSuch(path);
    }

    private static HttpResponseMessage NoSuch(string path) =>
        Fail(HttpStatusCode.NotFound, "NotFound", $"{path} not found");

    private HttpResponseMessage Deleted(string path)
    {
        Delete(path);
        return Answer(new JsonObject { ["status"] = "Success" });
    }

    /// <summary>RFC 7396, only with the version that is there.</summary>
    private HttpResponseMessage Merge(string path, string query, string text)
    {
        if (LiveOrNull(path) is not { } there)
            return NoSuch(path);
        var patch = (JsonObject)JsonNode.Parse(text)!;
        if (HttpUtility.ParseQueryString(query)["fieldManager"] is not { } manager)
            return Fail(HttpStatusCode.BadRequest, "BadRequest", "without a manager");
        if (patch.FindText("metadata", "resourceVersion") != there.FindText("metadata", "resourceVersion"))
            return Fail(HttpStatusCode.Conflict, "Conflict", "the object has been modified");
        Writes.Add(path);
        var merged = (JsonObject)there.DeepClone();
        MergePatch.Apply(merged, patch);
        patch.Cut("metadata", "resourceVersion");
        Store(path, Finish(merged, there, (manager, ManagedFields.Updates), ManagedFields.Leaves(patch)));
        return Answer(merged);
    }

    private HttpResponseMessage Evict(string path, string text)
    {
        var pod = path[..^"/eviction".Length];
        if (LiveOrNull(pod) is not { } there)
            return NoSuch(pod);
        var body = JsonNode.Parse(text);
        if (body.FindText("deleteOptions", "preconditions", "uid") != there.FindText("metadata", "uid"))
            return Fail(HttpStatusCode.Conflict, "Conflict", "another uid");
        if (BudgetRefusals-- > 0)
            return Fail(
                HttpStatusCode.TooManyRequests,
                "TooManyRequests",
                "the disruption budget needs 2 healthy pods"
            );
        return Deleted(pod);
    }

    private HttpResponseMessage? Discover(string path)
    {
        if (path == "/version")
            return Answer(new JsonObject { ["gitVersion"] = "v1.99.0" });
        if (path == "/apis")
            return Answer(
                new JsonObject
                {
                    ["groups"] = new JsonArray([
                        .. _types
                            .Where(type => type.Group.Length > 0)
                            .Select(type => (type.Group, type.Version))
                            .Concat(Broken.Select(group => (group, "v1")))
                            .Distinct()
                            .Select(each => (JsonNode)GroupOf(each.Item1, each.Item2)),
                    ]),
                }
            );
        var of = _types.Where(type =>
            path == (type.Group.Length == 0 ? $"/api/{type.Version}" : $"/apis/{type.Group}/{type.Version}")
        );
        if (Broken.Any(group => path == $"/apis/{group}/v1"))
            return Fail(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", "error trying to reach service");
        return of.Any()
            ? Answer(new JsonObject { ["resources"] = new JsonArray([.. of.SelectMany(ResourcesOf)]) })
            : null;
    }

    private static JsonObject GroupOf(string group, string version) =>
        new()
        {
            ["name"] = group,
            ["versions"] = new JsonArray(new JsonObject { ["version"] = version }),
            ["preferredVersion"] = new JsonObject { ["version"] = version },
        };

    private static IEnumerable<JsonNode> ResourcesOf(ResourceType type)
    {
        yield return Resource(type.Plural, type);
        yield return Resource($"{type.Plural}/status", type);
    }

    private static JsonObject Resource(string name, ResourceType type) =>
        new()
        {
            ["name"] = name,
            ["kind"] = type.Kind,
            ["namespaced"] = type.IsNamespaced,
            ["verbs"] = new JsonArray("get", "list", "patch"),
        };

    private static bool IsListOf(ResourceType type, string path) =>
        path == type.PathOf()
        || (
            type.IsNamespaced
            && path.Split('/') is { } parts
            && parts.Length > 3
            && parts[^1] == type.Plural
            && parts[^3] == "namespaces"
            && path == type.PathOf(parts[^2])
        );

    private HttpResponseMessage List(ResourceType type, string path, string query)
    {
        var asked = HttpUtility.ParseQueryString(query);
        var (moment, token) = (asked["resourceVersion"], asked["continue"]);
        if (moment is not null && asked["resourceVersionMatch"] != "Exact")
            return Fail(HttpStatusCode.BadRequest, "BadRequest", "a moment without its match");
        if (moment is not null && token is not null)
            return Fail(HttpStatusCode.BadRequest, "BadRequest", "a token knows its moment");
        var (revision, after) = (moment is null ? _revision : long.Parse(moment, CultureInfo.InvariantCulture), "");
        if (token is not null)
        {
            if (!_tokens.TryGetValue(token, out var known) || known.Query != $"{path} {asked["labelSelector"]}")
                return Fail(HttpStatusCode.BadRequest, "BadRequest", "this token is of no list like this");
            (revision, after) = (known.Revision, known.After);
        }
        if (revision < _compacted)
            return Fail(HttpStatusCode.Gone, "Expired", "the moment has been compacted");
        if (revision > _revision)
            return Fail(HttpStatusCode.GatewayTimeout, "Timeout", "Too large resource version");
        var all = _objects
            .Where(pair => IsOf(type, path, pair.Key) && string.CompareOrdinal(pair.Key, after) > 0)
            .Select(pair => (pair.Key, Json: StateAt(pair.Value, revision)))
            .Where(pair => pair.Json is not null && Fits(pair.Json, asked["labelSelector"]))
            .ToList();
        var page = asked["limit"] is null ? all : [.. all.Take(PageItems)];
        JsonObject metadata = new() { ["resourceVersion"] = $"{revision}" };
        if (page.Count < all.Count)
        {
            var next = $"token-{_tokens.Count}";
            _tokens[next] = ($"{path} {asked["labelSelector"]}", revision, page[^1].Key);
            metadata["continue"] = next;
        }
        return Answer(
            new JsonObject
            {
                ["metadata"] = metadata,
                ["items"] = new JsonArray([.. page.Select(each => Bare(each.Json!))]),
            }
        );
    }

    private static bool Fits(JsonObject json, string? selector) =>
        selector is null
        || (
            selector.Split('=') is [var label, var value]
                ? json.FindText("metadata", "labels", label) == value
                : (json.Find("metadata", "labels") as JsonObject)?.ContainsKey(selector) == true
        );

    /// <summary>Items of a list do not say what they are.</summary>
    private static JsonObject Bare(JsonObject json)
    {
        var copy = (JsonObject)json.DeepClone();
        copy.Remove("apiVersion");
        copy.Remove("kind");
        return copy;
    }

    private static bool IsOf(ResourceType type, string listPath, string path)
    {
        var place = path.Split('/') is { } parts && type.IsNamespaced && parts.Length > 3 ? parts[^3] : null;
        return path.StartsWith(type.PathOf(place) + "/", StringComparison.Ordinal)
            && !path[(type.PathOf(place).Length + 1)..].Contains('/')
            && (listPath == type.PathOf() || listPath == type.PathOf(place));
    }

    private static JsonObject? StateAt(List<(long Revision, JsonObject? Json)> states, long revision) =>
        states.LastOrDefault(state => state.Revision <= revision).Json;

    private HttpResponseMessage Apply(HttpRequestMessage request, string path, string query, string text)
    {
        var asked = HttpUtility.ParseQueryString(query);
        if (
            request.Content!.Headers.ContentType?.MediaType != "application/apply-patch+yaml"
            || asked["fieldManager"] is not { } manager
        )
            return Fail(HttpStatusCode.BadRequest, "BadRequest", "only by apply, with a manager");
        if (text.Contains("\\uD83", StringComparison.OrdinalIgnoreCase)) // it is read as YAML
            return Fail(HttpStatusCode.BadRequest, "BadRequest", "found invalid Unicode character escape code");
        var body = (JsonObject)JsonNode.Parse(text)!;
        var type = _types.FirstOrDefault(each =>
            each.ApiVersion == body.FindText("apiVersion") && each.Kind == body.FindText("kind")
        );
        if (type is null)
            return Fail(HttpStatusCode.NotFound, "NotFound", "the server could not find the requested resource");
        if (Undeclared.TryGetValue(type.ApiVersion, out var no) && body.Find("spec", no.Field) is not null)
            if (no.IsDropped)
                body.Cut("spec", no.Field);
            else
                return Fail(HttpStatusCode.BadRequest, "BadRequest", $".spec.{no.Field}: field not declared in schema");
        for (var i = 0; i < Defaulted.GetValueOrDefault(type.ApiVersion) && body["spec"] is { } spec; i++)
            spec[string.Create(CultureInfo.InvariantCulture, $"a{i}")] = 0;
        if (type.Kind == SilentWebhookOn)
            return Fail(
                HttpStatusCode.InternalServerError,
                "InternalError",
                "failed calling webhook \"a.b.c\": timeout"
            );
        if (WithoutApply.TryGetValue(type.Kind, out var breaksOff))
            return breaksOff
                ? throw new HttpRequestException("the response ended prematurely")
                : Fail(HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType", "not by apply");
        var (place, name) = (body.FindText("metadata", "namespace"), body.FindText("metadata", "name"));
        if (path != type.PathOf(place, name))
            return Fail(HttpStatusCode.BadRequest, "BadRequest", "the body is not the object of the path");
        foreach (var forbidden in (string[])["managedFields", "uid", "creationTimestamp", "generation"])
            if (body.Find("metadata", forbidden) is not null)
                return Fail(HttpStatusCode.BadRequest, "BadRequest", $"metadata.{forbidden} is not for clients");
        if (body.Items("metadata", "ownerReferences").Any(owner => owner.FindText("uid") is null))
            return Fail(HttpStatusCode.UnprocessableEntity, "Invalid", "an owner has no uid");
        if (place is not null && LiveOrNull($"/api/v1/namespaces/{place}") is null)
            return Fail(HttpStatusCode.NotFound, "NotFound", $"namespaces \"{place}\" not found");

        var there = LiveOrNull(path);
        if (
            body.FindText("metadata", "resourceVersion") is { } version
            && version != there.FindText("metadata", "resourceVersion")
        )
            return Fail(HttpStatusCode.Conflict, "Conflict", "the object has been modified");
        body.Cut("metadata", "resourceVersion");
        Limit(body, there);
        var leaves = ManagedFields.Leaves(body);
        var conflicts = asked["force"] == "true" ? [] : ManagedFields.ConflictsOf(there, leaves, manager);
        if (conflicts.Count > 0)
            return Conflict(conflicts);
        Writes.Add($"{path}{(asked["dryRun"] is null ? "" : " (dry)")}");
        var merged = Finish(ManagedFields.Merge(there, body), there, (manager, ManagedFields.Applies), leaves);
        if (
            asked["dryRun"] is null
            && (
                there is null
                || !JsonNode.DeepEquals(
                    ServerFields.Strip((JsonObject)there.DeepClone()),
                    ServerFields.Strip((JsonObject)merged.DeepClone())
                )
            )
        )
            Store(path, merged);
        return Answer(merged, there is null ? HttpStatusCode.Created : HttpStatusCode.OK);
    }

    private static HttpResponseMessage Conflict(List<(string Manager, string Field)> conflicts) =>
        Answer(
            new JsonObject
            {
                ["reason"] = "Conflict",
                ["message"] = $"Apply failed with {conflicts.Count} conflicts",
                ["details"] = new JsonObject
                {
                    ["causes"] = new JsonArray([
                        .. conflicts.Select(each =>
                            (JsonNode)
                                new JsonObject
                                {
                                    ["reason"] = "FieldManagerConflict",
                                    ["message"] = $"conflict with \"{each.Manager}\"",
                                    ["field"] = each.Field,
                                }
                        ),
                    ]),
                },
            },
            HttpStatusCode.Conflict
        );

    /// <summary>Not by apply, and only what is not there.</summary>
    private HttpResponseMessage Create(string path, string query, string text)
    {
        var body = (JsonObject)JsonNode.Parse(text)!;
        var one = $"{path}/{body.FindText("metadata", "name")}";
        if (LiveOrNull(one) is not null)
            return Fail(HttpStatusCode.Conflict, "AlreadyExists", $"{one} already exists");
        Writes.Add(one);
        var made = Finish(
            body,
            null,
            (HttpUtility.ParseQueryString(query)["fieldManager"] ?? "", ManagedFields.Updates),
            ManagedFields.Leaves(body)
        );
        Store(one, made);
        return Answer(made, HttpStatusCode.Created);
    }

    /// <summary>A limit range fills in what new pods leave out.</summary>
    private void Limit(JsonObject body, JsonObject? there)
    {
        var place = body.FindText("metadata", "namespace");
        if (
            there is null
            && body.FindText("kind") == "Pod"
            && Paths.Any(path => path.StartsWith($"/api/v1/namespaces/{place}/limitranges/", StringComparison.Ordinal))
        )
            body["spec"]?["limited"] = true;
    }

    /// <summary>What a server adds.</summary>
    private JsonObject Finish(
        JsonObject json,
        JsonObject? there,
        (string Manager, string Operation) who,
        Dictionary<string, JsonNode?> leaves
    )
    {
        var metadata = (JsonObject)json["metadata"]!;
        metadata["uid"] = there.FindText("metadata", "uid") ?? $"uid-{_revision + 1}";
        metadata["creationTimestamp"] = there.FindText("metadata", "creationTimestamp") ?? "2026-11-20T10:00:00Z";
        metadata["generation"] = 1;
        metadata["managedFields"] = ManagedFields.After(there, who, leaves);
        if (json.FindText("kind") is "Deployment" or "StatefulSet" && json.Find("spec", "replicas") is not null)
            Settle(json);
        if (json.FindText("kind") == "Namespace")
        {
            json["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
            json["status"] = new JsonObject { ["phase"] = "Active" };
        }
        if (json.FindText("kind") == "Service" && json.FindText("spec", "clusterIP") is null)
        {
            var spec = json["spec"] as JsonObject ?? [];
            json["spec"] = spec;
            spec["clusterIP"] = "10.0.0.7";
        }
        return json;
    }

    /// <summary>What its controller would come to.</summary>
    private static void Settle(JsonObject json)
    {
        var pods = json.FindNumber("spec", "replicas") ?? 1;
        json["status"] = new JsonObject
        {
            ["observedGeneration"] = 1,
            ["replicas"] = pods,
            ["updatedReplicas"] = pods,
            ["availableReplicas"] = pods,
        };
    }

    private void Store(string path, JsonObject json)
    {
        json["metadata"]!["resourceVersion"] = $"{++_revision}";
        if (!_objects.TryGetValue(path, out var states))
            _objects[path] = states = [];
        states.Add((_revision, json));
        if (json.FindText("kind") == Definitions.Kind)
            Serve(json);
    }

    /// <summary>A definition is established, and its type is there.</summary>
    private void Serve(JsonObject definition)
    {
        definition["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Established", ["status"] = "True" }),
        };
        ResourceType type = new(
            definition.FindText("spec", "group")!,
            definition.Items("spec", "versions").First().FindText("name")!,
            definition.FindText("spec", "names", "plural")!,
            definition.FindText("spec", "names", "kind")!,
            definition.FindText("spec", "scope") == "Namespaced"
        );
        if (!_types.Contains(type))
            _types.Add(type);
    }

    private JsonObject? LiveOrNull(string path) => _objects.TryGetValue(path, out var states) ? states[^1].Json : null;

    private static HttpResponseMessage Fail(HttpStatusCode status, string reason, string message) =>
        Answer(
            new JsonObject
            {
                ["kind"] = "Status",
                ["reason"] = reason,
                ["message"] = message,
            },
            status
        );

    private static HttpResponseMessage Answer(JsonObject json, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(json.ToJsonString(), Encoding.UTF8, "application/json") };
}
