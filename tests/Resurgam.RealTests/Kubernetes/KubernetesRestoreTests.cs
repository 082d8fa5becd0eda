using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Kubernetes;

/// <summary>Backup, verification and restore against the real API server, by the program's own commands.</summary>
public sealed class KubernetesRestoreTests
{
    private const int Incomplete = 25;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task A_platform_comes_back_equal_in_a_new_cluster_and_a_second_restore_changes_nothing()
    {
        var server = await ApiServer.ShareAsync(TestContext.Current.CancellationToken);
        using var other = await ApiServer.StartAsync(TestContext.Current.CancellationToken);
        await using var world = await CreateAsync(server, "moving", other);

        await world.RunAsync("backup", ApiServerWorld.Asset);
        var objects = await world.ReadSnapshotAsync();
        Assert.Equal(Shop.Files("moving"), objects.Keys);
        // The other cluster has nothing of it: what cannot be asked before something else is there is told.
        var dry = await world.AskAsync(ToOther("--dry-run"));
        Assert.Equal(objects.Count, CountOf(dry, "created"));
        Assert.Contains("Deployment moving/web not checked: its namespace would have to be there first", ShownOf(dry));

        var uid = await other.UidAsync(Token);
        await KillRestoreAsync(world, other, ToOther("--cluster-uid", uid));
        var first = await world.AskAsync(ToOther("--cluster-uid", uid));
        Assert.True(CountOf(first, "created") + CountOf(first, "unchanged") == objects.Count, first.ToString());
        foreach (var path in objects.Keys)
            await AssertSameAsync(server, other, path);
        var again = await world.AskAsync(ToOther("--cluster-uid", uid));
        Assert.True(CountOf(again, "unchanged") == objects.Count, again.ToString());
    }

    [Fact(Timeout = 300_000)]
    public async Task Every_object_of_a_whole_cluster_is_proven_in_an_API_server_of_our_own()
    {
        using var server = await ApiServer.StartAsync(TestContext.Current.CancellationToken);
        await using var world = await CreateAsync(server, "proven", more: ", cluster-wide: true");
        await server.CreateAsync(Shop.Webhook("proven") + "---\n" + Shop.BrokenApi("proven"), Token);

        await world.TryRunAsync("backup", ApiServerWorld.Asset); // tells that an API does not answer
        var report = await world.AskAsync("verify", ApiServerWorld.Asset);

        Assert.DoesNotContain("unmeasured", (await world.TryRunAsync("status")).Output, StringComparison.Ordinal);
        var count = (await world.ReadSnapshotAsync()).Count;
        Assert.Equal(
            [
                "server: an API server of our own (v1.20.2), empty and alone on this machine",
                $"restore: {count} objects restored",
                $"objects: {count} of {count} came back equal",
            ],
            report
                .GetProperty("checks")
                .EnumerateArray()
                .Select(check => $"{check.GetProperty("name")}: {check.GetProperty("detail")}")
        );
        // The namespace default is there, too, but nothing in it that the server made itself.
        Assert.Equal(Shop.Files("proven").Count + 5, count);
    }

    [Fact(Timeout = 300_000)]
    public async Task What_was_deleted_and_changed_comes_back_and_what_others_changed_is_left_to_them()
    {
        var server = await ApiServer.ShareAsync(TestContext.Current.CancellationToken);
        await using var world = await CreateAsync(server, "damaged");
        await world.RunAsync("backup", ApiServerWorld.Asset);
        const string core = "/api/v1/namespaces/damaged";
        const string deployment = "/apis/apps/v1/namespaces/damaged/deployments/web";
        foreach (
            var path in (string[])
                [
                    $"{core}/configmaps/settings",
                    $"{core}/persistentvolumeclaims/uploads",
                    $"{core}/pods/shell",
                    "/apis/damaged.example.com/v1/namespaces/damaged/widgets/small",
                    "/apis/storage.k8s.io/v1/storageclasses/damaged-fast",
                ]
        )
            await server.DeleteAsync(path, Token);
        await server.PatchAsync($"{core}/secrets/login", """{ "data": { "password": "eA==" } }""", Token);
        await server.PatchAsync(deployment, """{ "spec": { "replicas": 9 } }""", Token);

        var dry = await world.TryRunAsync("restore", ApiServerWorld.Asset, "--to", "cluster:", "--dry-run");
        Assert.Equal(Incomplete, dry.ExitCode);
        Assert.Contains("created    ConfigMap damaged/settings", dry.Output, StringComparison.Ordinal);
        Assert.Null(await server.Api.FindAsync($"{core}/configmaps/settings", Token));

        var restored = await world.TryRunAsync("restore", ApiServerWorld.Asset, "--to", "cluster:");
        Assert.Equal(Incomplete, restored.ExitCode);
        Assert.StartsWith(
            """
            conflict   Secret damaged/login: conflict with "kubectl-edit" using v1: .data.password
            conflict   Deployment damaged/web: conflict with "kubectl-edit" using apps/v1: .spec.replicas
            5 created, 0 changed, 30 unchanged, 2 in conflict, 0 refused, 0 held back

            """,
            restored.Output,
            StringComparison.Ordinal
        );
        Assert.Equal(9, (await server.GetAsync(deployment, Token)).FindNumber("spec", "replicas"));

        var forced = await world.AskAsync("restore", ApiServerWorld.Asset, "--to", "cluster:", "--force-conflicts");
        Assert.Equal((2, 35), (CountOf(forced, "changed"), CountOf(forced, "unchanged")));
        Assert.Equal(3, (await server.GetAsync(deployment, Token)).FindNumber("spec", "replicas"));
    }

    /// <summary>Its definition moved on: what the new version takes whole comes back in it, and the rest is told.</summary>
    [Fact(Timeout = 300_000)]
    public async Task A_version_that_is_no_longer_served_gives_way_to_one_that_takes_all_of_the_object()
    {
        var server = await ApiServer.ShareAsync(TestContext.Current.CancellationToken);
        await using var world = await CreateSmallAsync(server, "aged");
        const string definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boxes.aged.example.com";
        const string boxes = "/apis/aged.example.com/v2/namespaces/aged/boxes";
        const string size = "\"size\": { \"type\": \"integer\" }";
        const string colour = "\"colour\": { \"type\": \"string\" }";
        await server.CreateAsync(
            $$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: { name: boxes.aged.example.com }
            spec:
              group: aged.example.com
              scope: Namespaced
              names: { plural: boxes, singular: box, kind: Box, listKind: BoxList }
              versions:
              - {{VersionOf("v1", "true", $"{size}, {colour}")}}
            ---
            apiVersion: aged.example.com/v1
            kind: Box
            metadata: { name: plain, namespace: aged }
            spec: { size: 7 }
            ---
            apiVersion: aged.example.com/v1
            kind: Box
            metadata: { name: painted, namespace: aged }
            spec: { size: 8, colour: red }

            """,
            Token
        );
        await world.RunAsync("backup", ApiServerWorld.Asset);
        await server.DeleteAsync("/apis/aged.example.com/v1/namespaces/aged/boxes/plain", Token);
        await server.DeleteAsync("/apis/aged.example.com/v1/namespaces/aged/boxes/painted", Token);
        await server.PatchAsync(
            definition,
            $$"""{ "spec": { "versions": [{{VersionOf("v1", "false", size)}}, {{VersionOf("v2", "true", size)}}] } }""",
            Token
        );
        await Eventually.HoldsAsync(
            () => "version v2 is not served",
            async () =>
                (await new ApiDiscovery(server.Api).RunAsync(Token)) is var types
                && types.Find("aged.example.com", "v2", "Box") is not null
                && types.Find("aged.example.com", "v1", "Box") is null,
            Token
        );

        var restored = await world.TryRunAsync("restore", ApiServerWorld.Asset, "--to", "cluster:", "--only", "Box");

        Assert.Equal(Incomplete, restored.ExitCode);
        Assert.Contains(
            "refused    Box aged/painted: the cluster does not serve Box as aged.example.com/v1, only as aged.example.com/v2; aged.example.com/v2 would not do: ",
            restored.Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "1 created, 0 changed, 0 unchanged, 0 in conflict, 1 refused",
            restored.Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "1 Box of aged.example.com/v1 as aged.example.com/v2",
            restored.ToString(),
            StringComparison.Ordinal
        );
        Assert.Equal(7, (await server.GetAsync($"{boxes}/plain", Token)).FindNumber("spec", "size"));
        Assert.Null(await server.Api.FindAsync($"{boxes}/painted", Token));

        static string VersionOf(string name, string isServed, string fields) =>
            $$"""
                { "name": "{{name}}", "served": {{isServed}}, "storage": {{(
                    name == "v1" ? "true" : "false"
                )}}, "schema": { "openAPIV3Schema": { "type": "object", "properties": { "spec": { "type": "object", "properties": { {{fields}} } } } } } }
                """.Trim();
    }

    [Fact(Timeout = 300_000)]
    public async Task What_is_being_deleted_is_not_taken_for_restored()
    {
        var server = await ApiServer.ShareAsync(TestContext.Current.CancellationToken);
        await using var world = await CreateSmallAsync(server, "going", "finalizers: [example.com/guard]");
        await world.RunAsync("backup", ApiServerWorld.Asset);
        await server.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/going/configmaps/one", null, Token);

        var restored = await world.TryRunAsync("restore", ApiServerWorld.Asset, "--to", "cluster:");

        Assert.Equal(Incomplete, restored.ExitCode);
        Assert.Contains(
            "refused    ConfigMap going/one: it is being deleted since",
            restored.Output,
            StringComparison.Ordinal
        );
    }

    [Fact(Timeout = 300_000)]
    public async Task A_namespace_comes_back_under_another_name_beside_the_one_that_is_in_use()
    {
        var server = await ApiServer.ShareAsync(TestContext.Current.CancellationToken);
        await using var world = await CreateAsync(server, "inuse");
        await server.CreateAsync(Shop.Webhook("inuse"), Token);
        await world.RunAsync("backup", ApiServerWorld.Asset);
        const string binding = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/inuse:reader";

        var restored = await world.TryRunAsync([
            "restore",
            ApiServerWorld.Asset,
            "--to",
            "cluster:",
            "--map-namespace",
            "inuse=beside",
            "--force-conflicts",
        ]);

        Assert.Equal(0, restored.ExitCode);
        Assert.Contains(
            "held back  ValidatingWebhookConfiguration inuse-checks: it is there and leads",
            restored.Output,
            StringComparison.Ordinal
        );
        Assert.Equal(
            ["inuse", "beside"],
            (await server.GetAsync(binding, Token)).Items("subjects").Select(subject => subject.FindText("namespace"))
        );
        var role = await server.GetAsync(
            "/apis/rbac.authorization.k8s.io/v1/namespaces/beside/rolebindings/web",
            Token
        );
        Assert.Equal(
            ["beside", "system:serviceaccounts:beside"],
            [role.Items("subjects").First().FindText("namespace"), role.Items("subjects").Last().FindText("name")]
        );
        foreach (var path in Shop.Files("inuse").Where(path => path.Contains("/inuse/", StringComparison.Ordinal)))
        {
            var one = await PathOfAsync(server, path);
            await server.GetAsync(one, Token);
            await server.GetAsync(
                one.Replace("/namespaces/inuse/", "/namespaces/beside/", StringComparison.Ordinal),
                Token
            );
        }
    }

    [Fact(Timeout = 300_000)]
    public async Task Another_cluster_than_the_one_that_is_meant_is_neither_read_nor_written()
    {
        var server = await ApiServer.ShareAsync(TestContext.Current.CancellationToken);
        await using var world = await CreateSmallAsync(server, "meant");
        await world.RunAsync("backup", ApiServerWorld.Asset);
        await world.WritePlanAsync("wrong.yaml", world.Kubeconfig, ", cluster-uid: another, namespaces: [meant]");
        await world.WritePlanAsync("unsure.yaml", world.Kubeconfig, ", namespaces: [meant]");
        string[] restore = ["restore", ApiServerWorld.Asset, "--to", "cluster:"];

        const string refused = "kubernetes-other-cluster-refused";
        Assert.Equal(refused, await world.RefusalAsync("wrong.yaml", "backup", ApiServerWorld.Asset));
        Assert.Equal(refused, await world.RefusalAsync("wrong.yaml", [.. restore, "--dry-run"]));
        Assert.Equal(refused, await world.RefusalAsync("unsure.yaml", [.. restore, "--cluster-uid", "another"]));
        Assert.Equal("kubernetes-unconfirmed-refused", await world.RefusalAsync("unsure.yaml", restore));
    }

    [Fact(Timeout = 300_000)]
    public async Task An_account_with_few_rights_captures_what_it_may_see_and_says_what_it_may_not()
    {
        var server = await ApiServer.ShareAsync(TestContext.Current.CancellationToken);
        await using var world = await CreateSmallAsync(server, "narrow");
        await server.CreateAsync(Narrow, Token);
        var token = await server.TokenOfAsync("narrow", "reader", Token);
        server.WriteKubeconfig(world.Kubeconfig, token);

        var backup = await world.TryRunAsync("backup", ApiServerWorld.Asset);
        Assert.Equal(23, backup.ExitCode);
        Assert.Contains(
            """secrets are not in the snapshot: secrets is forbidden: User "system:serviceaccount:narrow:reader" cannot list""",
            backup.Error,
            StringComparison.Ordinal
        );
        Assert.Equal(["kubernetes/core/v1/ConfigMap/narrow/one.json"], (await world.ReadSnapshotAsync()).Keys);
        await server.DeleteAsync("/api/v1/namespaces/narrow/configmaps/one", Token);
        var restored = await world.TryRunAsync("restore", ApiServerWorld.Asset, "--to", "cluster:");
        Assert.Equal(Incomplete, restored.ExitCode);
        Assert.Contains(
            """refused    ConfigMap narrow/one: configmaps "one" is forbidden: User "system:serviceaccount:narrow:reader" cannot patch""",
            restored.Output,
            StringComparison.Ordinal
        );

        server.WriteKubeconfig(world.Kubeconfig, "of-nobody");
        Assert.Equal("kubernetes-auth-failed", await world.RefusalAsync("plan.yaml", "backup", ApiServerWorld.Asset));
    }

    [Fact(Timeout = 300_000)]
    public async Task Lists_of_many_pages_are_of_one_moment_whatever_is_written_meanwhile()
    {
        var server = await ApiServer.ShareAsync(TestContext.Current.CancellationToken);
        await using var world = await CreateSmallAsync(server, "many");
        const int count = 1_200;
        for (var number = 1; number <= count; number++)
            await server.CreateAsync(MapOf(number), typePath: "/api/v1/namespaces/many/configmaps", Token);
        ResourceType maps = new("", "v1", "configmaps", "ConfigMap", IsNamespaced: true);
        var (before, _) = await new ObjectList(server.Api).ReadAsync(
            new ListRequest(maps) { Namespace = "many" },
            Token
        );
        await server.DeleteAsync("/api/v1/namespaces/many/configmaps/map-7", Token);
        await server.DeleteAsync("/api/v1/namespaces/many/configmaps/map-1100", Token);

        var (same, _) = await new ObjectList(server.Api).ReadAsync(
            new ListRequest(maps) { Namespace = "many", Moment = before!.ResourceVersion },
            Token
        );
        Assert.Equal(
            (count + 1, before.ResourceVersion, count + 1),
            (before.Items.Count, same!.ResourceVersion, same.Items.Count)
        );
        await world.RunAsync("backup", ApiServerWorld.Asset);
        Assert.Equal(
            count - 1,
            (await world.ReadSnapshotAsync()).Keys.Count(path =>
                path.Contains("/ConfigMap/many/", StringComparison.Ordinal)
            )
        );

        static JsonObject MapOf(int number) =>
            (JsonObject)
                JsonNode.Parse(
                    $$"""{ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "map-{{number.ToString(
                        CultureInfo.InvariantCulture
                    )}}" } }"""
                )!;
    }

    /// <summary>kill -9 as soon as the first objects are there.</summary>
    private static async Task KillRestoreAsync(ApiServerWorld world, ApiServer other, string[] restore)
    {
        await using var process = world.Start(restore);
        await Eventually.HoldsAsync(
            () => "nothing was restored",
            async () =>
                (await new ApiDiscovery(other.Api).RunAsync(Token)).Find("moving.example.com", "v1", "Widget")
                    is not null,
            Token
        );
        process.Kill();
        await process.WaitForExitAsync(Token);
    }

    private const string Narrow = """
        apiVersion: v1
        kind: ServiceAccount
        metadata: { name: reader, namespace: narrow }
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: { name: reader, namespace: narrow }
        rules: [{ apiGroups: [""], resources: [configmaps], verbs: [get, list] }]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: { name: reader, namespace: narrow }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
        subjects: [{ kind: ServiceAccount, name: reader }]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: { name: "narrow:places" }
        rules: [{ apiGroups: [""], resources: [namespaces], resourceNames: [kube-system, narrow], verbs: [get] }]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: { name: "narrow:places" }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "narrow:places" }
        subjects: [{ kind: ServiceAccount, name: reader, namespace: narrow }]

        """;

    private static string[] ToOther(params string[] more) =>
        ["restore", ApiServerWorld.Asset, "--to", "cluster:other", .. more];

    private static async Task<ApiServerWorld> CreateAsync(
        ApiServer server,
        string name,
        ApiServer? other = null,
        string more = ""
    )
    {
        await server.CreateAsync(Shop.ClusterManifest(name) + "---\n" + Shop.Manifest(name), Token);
        return await CreateWorldAsync(server, more.Length > 0 ? more : $", namespaces: [{name}]", other);
    }

    /// <summary>A namespace with one ConfigMap.</summary>
    /// <param name="metadata">Of the ConfigMap, in flow style.</param>
    private static async Task<ApiServerWorld> CreateSmallAsync(
        ApiServer server,
        string name,
        string metadata = "labels: {}"
    )
    {
        await server.CreateAsync(
            $$"""
            apiVersion: v1
            kind: Namespace
            metadata: { name: {{name}} }
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: one, namespace: {{name}}, {{metadata}} }

            """,
            Token
        );
        return await CreateWorldAsync(server, $", namespaces: [{name}]", other: null);
    }

    private static async Task<ApiServerWorld> CreateWorldAsync(ApiServer server, string more, ApiServer? other) =>
        await ApiServerWorld.CreateAsync(
            server,
            $", context: test, cluster-uid: {await server.UidAsync(Token)}{more}",
            Token,
            other
        );

    private static int CountOf(JsonElement document, string outcome) =>
        document.GetProperty("objects").GetProperty(outcome).GetInt32();

    private static IEnumerable<string> ShownOf(JsonElement document) =>
        document
            .GetProperty("objects")
            .GetProperty("shown")
            .EnumerateArray()
            .Select(each => $"{each.GetProperty("object")} {each.GetProperty("detail")}");

    /// <summary>Field by field, but for what a server must choose anew.</summary>
    private static async Task AssertSameAsync(ApiServer one, ApiServer two, string file)
    {
        var path = await PathOfAsync(one, file);
        var (expected, actual) = (Bare(await one.GetAsync(path, Token)), Bare(await two.GetAsync(path, Token)));
        Assert.Equal(expected, actual);
    }

    private static async Task<string> PathOfAsync(ApiServer server, string file)
    {
        var key = ObjectKey.FromPath(file)!;
        var types = await new ApiDiscovery(server.Api).RunAsync(Token);
        return types.Find(key.Group, key.Version, key.Kind)!.PathOf(key.Namespace, key.Name);
    }

    /// <summary>Not by the product's own rules.</summary>
    private static string Bare(JsonObject json)
    {
        json.Remove("status");
        foreach (
            var name in (string[])
                ["uid", "resourceVersion", "creationTimestamp", "managedFields", "generation", "selfLink"]
        )
            json.Cut("metadata", name);
        if (json.FindText("spec", "clusterIP") != "None")
            json.Cut("spec", "clusterIP");
        json.Cut("spec", "clusterIPs");
        json.Cut("spec", "healthCheckNodePort");
        foreach (var port in json.Items("spec", "ports"))
            port.Remove("nodePort");
        if (json.FindText("kind") == "Job")
        {
            json.Cut("spec", "selector");
            json.Cut("spec", "template", "metadata", "labels");
            json.Cut("metadata", "labels");
        }
        return Encoding.UTF8.GetString(CanonicalJson.Write(json));
    }
}
