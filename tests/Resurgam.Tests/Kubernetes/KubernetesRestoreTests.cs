using Resurgam.Adapters.Kubernetes.Restore;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Kubernetes;

public sealed class KubernetesRestoreTests
{
    private const string Web = "/apis/apps/v1/namespaces/shop/deployments/web";
    private const string Budgets = "/apis/policy/v1/namespaces/shop/poddisruptionbudgets";
    private const string Scalers = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers";

    private readonly KubernetesWorld _world = new(TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_new_cluster_gets_everything_in_the_order_of_need_and_equal()
    {
        await FillAsync();
        var before = await _world.ReadAsync();
        _world.Cluster = new KubernetesDouble();
        var result = await _world.RestoreAsync();

        Assert.All(result.Objects, each => Assert.True(each.IsGood, $"{each.Key}: {each.Detail}"));
        var writes = _world.Cluster.Writes;
        Assert.Equal("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/queues.example.com", writes[0]);
        Assert.StartsWith("/api/v1/namespaces/", writes[1], StringComparison.Ordinal);
        Assert.True(writes.IndexOf("/api/v1/namespaces/shop/secrets/login") < writes.IndexOf(Web));

        await _world.CaptureAsync();
        var after = await _world.ReadAsync();
        Assert.Equal(before.Where(IsObject), after.Where(IsObject));
    }

    [Fact]
    public async Task The_second_time_nothing_changes()
    {
        await FillAsync();
        _world.Cluster = new KubernetesDouble();
        await _world.RestoreAsync();
        var revision = _world.Cluster.Revision;
        var again = await _world.RestoreAsync();
        Assert.All(again.Objects, each => Assert.Equal(ObjectOutcome.Unchanged, each.Outcome));
        Assert.Equal(revision, _world.Cluster.Revision);
    }

    [Fact]
    public async Task A_field_of_another_is_a_conflict_and_taken_only_by_force()
    {
        await FillAsync();
        _world.Cluster.Put("apps/v1", "Deployment", "shop", "web", """{ "spec": { "replicas": 9 } }""", "somebody");
        var result = await _world.RestoreAsync();
        var web = result.Objects.Single(each => each.Key is { Kind: "Deployment", Name: "web" });
        Assert.Equal(ObjectOutcome.Conflict, web.Outcome);
        Assert.Contains("conflict with \"somebody\": .spec.replicas", web.Detail, StringComparison.Ordinal);
        Assert.Equal(9, _world.Cluster.Live(Web).FindNumber("spec", "replicas"));

        var forced = await _world.RestoreAsync(KubernetesWorld.Request with { ForceConflicts = true });
        Assert.Contains(
            "spec.replicas: 9 → 3",
            forced
                .Objects.Single(each => each.Key is { Kind: "Deployment" })
                .Changes.Select(change => change.ToString())
        );
        Assert.Equal(3, _world.Cluster.Live(Web).FindNumber("spec", "replicas"));
    }

    [Fact]
    public async Task A_dry_run_shows_the_difference_and_changes_nothing()
    {
        await FillAsync();
        _world.Cluster.Put(
            "v1",
            "Secret",
            "shop",
            "login",
            """{ "type": "Opaque", "data": { "password": "bmV3" } }""",
            "resurgam"
        );
        _world.Cluster.Delete(Web);
        var revision = _world.Cluster.Revision;
        var result = await _world.RestoreAsync(KubernetesWorld.Request with { IsDryRun = true, ForceConflicts = true });

        Assert.Equal(revision, _world.Cluster.Revision);
        Assert.Equal(
            ObjectOutcome.Created,
            result.Objects.Single(each => each.Key is { Kind: "Deployment", Name: "web" }).Outcome
        );
        var login = result.Objects.Single(each => each.Key.Name == "login");
        Assert.Equal(["data.password: (hidden) → (hidden)"], login.Changes.Select(change => change.ToString()));
    }

    [Fact]
    public async Task A_dry_run_into_an_empty_cluster_says_what_it_cannot_check()
    {
        await FillAsync();
        _world.Cluster = new KubernetesDouble();
        var result = await _world.RestoreAsync(KubernetesWorld.Request with { IsDryRun = true });
        Assert.All(result.Objects, each => Assert.True(each.IsGood, $"{each.Key}: {each.Detail}"));
        Assert.Contains(
            result.Objects,
            each => each.Detail == "not checked: its namespace would have to be there first"
        );
        Assert.Equal(2, _world.Cluster.Paths.Count());
    }

    [Theory]
    [InlineData("another", "kubernetes-other-cluster-refused")]
    [InlineData(null, "kubernetes-unconfirmed-refused")]
    public async Task Nothing_is_written_to_a_cluster_that_is_not_the_one(string? uid, string code)
    {
        await FillAsync();
        _world.Cluster.Writes.Clear();
        var failure = await Assert.ThrowsAsync<ResurgamException>(() =>
            _world.RestoreAsync(KubernetesWorld.Request with { ClusterUid = uid })
        );
        Assert.Equal(code, failure.Problem.Code);
        Assert.Empty(_world.Cluster.Writes);
    }

    [Fact]
    public async Task Another_namespace_gets_the_objects_and_all_that_names_it_follows()
    {
        await FillAsync();
        var result = await _world.RestoreAsync(
            KubernetesWorld.Request with
            {
                Namespaces = new Dictionary<string, string> { ["shop"] = "shop-test" },
            }
        );
        Assert.All(result.Objects, each => Assert.True(each.IsGood, $"{each.Key}: {each.Detail}"));
        Assert.NotNull(_world.Cluster.Live("/apis/apps/v1/namespaces/shop-test/deployments/web"));
        var binding = _world.Cluster.Live("/apis/rbac.authorization.k8s.io/v1/namespaces/shop-test/rolebindings/web");
        Assert.Equal("shop-test", binding.Items("subjects").Single().FindText("namespace"));
        Assert.Contains(
            "Deployment shop/web: spec.database speaks of the old namespace and was left as it is",
            result.Notes
        );
    }

    [Fact]
    public async Task Chosen_objects_alone_come_back()
    {
        await FillAsync();
        _world.Cluster.Delete(Web);
        _world.Cluster.Delete("/api/v1/namespaces/shop/secrets/login");
        var only = ObjectSelector.TryParse("shop/deployment/w*");
        Assert.NotNull(only);
        var result = await _world.RestoreAsync(KubernetesWorld.Request with { Only = [only] });
        Assert.Equal("Deployment shop/web", Assert.Single(result.Objects).Key.ToString());
        Assert.DoesNotContain("/api/v1/namespaces/shop/secrets/login", _world.Cluster.Paths);
    }

    [Fact]
    public async Task An_owner_is_named_by_its_new_uid()
    {
        await FillAsync();
        _world.Cluster = new KubernetesDouble();
        await _world.RestoreAsync();
        var owner = _world
            .Cluster.Live("/apis/example.com/v1/namespaces/shop/queues/orders")
            .FindText("metadata", "uid");
        var owned = _world.Cluster.Live("/api/v1/namespaces/shop/secrets/queue-login");
        Assert.Equal(owner, owned.Items("metadata", "ownerReferences").Single().FindText("uid"));
    }

    [Fact]
    public async Task Secrets_from_before_a_revocation_stay_away_unless_asked_for()
    {
        await FillAsync();
        _world.Cluster = new KubernetesDouble();
        var revoked = KubernetesWorld.Request with { RevokedBefore = DateTimeOffset.MaxValue };
        var result = await _world.RestoreAsync(revoked);
        Assert.Equal(ObjectOutcome.HeldBack, result.Objects.Single(each => each.Key.Name == "login").Outcome);
        Assert.DoesNotContain(_world.Cluster.Paths, path => path.Contains("/secrets/", StringComparison.Ordinal));

        var only = ObjectSelector.TryParse("secret/login");
        Assert.NotNull(only);
        await _world.RestoreAsync(revoked with { Only = [only] });
        Assert.Contains("/api/v1/namespaces/shop/secrets/login", _world.Cluster.Paths);
    }

    [Fact]
    public async Task A_restore_that_is_cut_off_goes_on_when_it_is_run_again()
    {
        await FillAsync();
        _world.Cluster = new KubernetesDouble();
        var writes = 0;
        _world.Cluster.Before = (method, _) =>
        {
            if (method == HttpMethod.Patch && ++writes == 4)
                throw new HttpRequestException("cut");
        };
        // One request that is lost is sent again; only a server that stays away ends the restore.
        var result = await _world.RestoreAsync();
        Assert.All(result.Objects, each => Assert.True(each.IsGood));

        _world.Cluster = new KubernetesDouble { Before = (method, _) => LoseAfterThree(method, ref writes) };
        writes = 0;
        var failure = await Assert.ThrowsAsync<ResurgamException>(() => _world.RestoreAsync());
        Assert.Equal("kubernetes-unreachable", failure.Problem.Code);
        _world.Cluster.Before = (_, _) => { };
        Assert.All((await _world.RestoreAsync()).Objects, each => Assert.True(each.IsGood));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_API_without_apply_gets_its_objects_all_the_same_and_nothing_of_others_is_taken(bool breaksOff)
    {
        await FillAsync();
        _world.Cluster = new KubernetesDouble { WithoutApply = { ["Queue"] = breaksOff } };
        Assert.All((await _world.RestoreAsync()).Objects, each => Assert.True(each.IsGood, each.Detail));
        Assert.All((await _world.RestoreAsync()).Objects, each => Assert.Equal(ObjectOutcome.Unchanged, each.Outcome));

        _world.Cluster.Put("example.com/v1", "Queue", "shop", "orders", """{ "spec": { "depth": 99 } }""");
        var queue = Assert.Single((await _world.RestoreAsync()).Objects, each => !each.IsGood);
        Assert.Equal(
            (ObjectOutcome.Conflict, "it has another value, and this API does not tell whose it is: .spec.depth"),
            (queue.Outcome, queue.Detail)
        );
        await _world.RestoreAsync(KubernetesWorld.Request with { ForceConflicts = true });
        Assert.Equal(
            10,
            _world.Cluster.Live("/apis/example.com/v1/namespaces/shop/queues/orders").FindNumber("spec", "depth")
        );
    }

    [Fact]
    public async Task An_object_of_a_version_that_is_no_longer_served_comes_back_in_one_that_takes_all_of_it()
    {
        _world.Cluster.Reversion("policy/v1", "v1beta1");
        _world.Cluster.Reversion("autoscaling/v2", "v2beta2");
        Budget("kept", """{ "spec": { "minAvailable": 1, "selector": { "matchLabels": { "app": "web" } } } }""");
        Budget("held", """{ "spec": { "minAvailable": 1, "selector": { "matchLabels": { "app": "api" } } } }""");
        Budget("turned", """{ "spec": { "minAvailable": 1, "selector": {} } }""");
        Budget("dropped", """{ "spec": { "minAvailable": 1, "extra": 7, "selector": { "matchLabels": {} } } }""");
        Scaler("plain", """{ "spec": { "maxReplicas": 9 } }""");
        Scaler("odd", """{ "spec": { "maxReplicas": 9, "target": 70 } }""");
        await FillAsync();
        _world.Cluster = new KubernetesDouble
        {
            Undeclared = { ["autoscaling/v2"] = ("target", false), ["policy/v1"] = ("extra", true) },
            Defaulted = { ["policy/v1"] = 100 }, // by name before what it drops
        };
        _world.Cluster.Put("policy/v1", "PodDisruptionBudget", "shop", "held", """{ "spec": { "minAvailable": 5 } }""");

        var result = await _world.RestoreAsync();

        Assert.Equal(1, _world.Cluster.Live($"{Budgets}/kept").FindNumber("spec", "minAvailable"));
        Assert.Equal(9, _world.Cluster.Live($"{Scalers}/plain").FindNumber("spec", "maxReplicas"));
        Assert.Equal(
            [
                "dropped: the cluster does not serve PodDisruptionBudget as policy/v1beta1, only as policy/v1; policy/v1 would not do: it would lose or change spec.extra",
                "odd: the cluster does not serve HorizontalPodAutoscaler as autoscaling/v2beta2, only as autoscaling/v2; autoscaling/v2 would not do: .spec.target: field not declared in schema",
                "turned: the cluster does not serve PodDisruptionBudget as policy/v1beta1, only as policy/v1; policy/v1 would not do: its empty selector chose no pod in policy/v1beta1, and chooses every pod in policy/v1",
            ],
            result
                .Objects.Where(each => each.Outcome == ObjectOutcome.Refused)
                .Select(each => $"{each.Key.Name}: {each.Detail}")
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal("held", Assert.Single(result.Objects, each => each.Outcome == ObjectOutcome.Conflict).Key.Name);
        Assert.Equal(4, result.Objects.Count(each => !each.IsGood));
        Assert.Contains(
            "1 PodDisruptionBudget of policy/v1beta1 as policy/v1, which the cluster serves and takes all of it",
            result.Notes
        );
        Assert.Contains(result.Notes, note => note.StartsWith("3 objects are of types", StringComparison.Ordinal));

        void Budget(string name, string json) =>
            _world.Cluster.Put("policy/v1beta1", "PodDisruptionBudget", "shop", name, json);
        void Scaler(string name, string json) =>
            _world.Cluster.Put("autoscaling/v2beta2", "HorizontalPodAutoscaler", "shop", name, json);
    }

    [Theory]
    [InlineData("Webhook", "a program of its own converts between its versions")]
    [InlineData(null, "its definition cannot be read")]
    public async Task A_custom_object_changes_its_version_only_where_versions_differ_by_name(
        string? strategy,
        string why
    )
    {
        await FillAsync();
        _world.Cluster = new KubernetesDouble();
        Define("None");
        Assert.All((await RestoreQueueAsync()).Objects, each => Assert.True(each.IsGood, each.Detail));
        Assert.Equal(
            10,
            _world.Cluster.Live("/apis/example.com/v2/namespaces/shop/queues/orders").FindNumber("spec", "depth")
        );

        _world.Cluster = new KubernetesDouble();
        Define(strategy ?? "None");
        if (strategy is null)
            _world.Cluster.Denied.Add("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/queues.example.com");
        var refused = Assert.Single((await RestoreQueueAsync()).Objects);
        Assert.Equal(ObjectOutcome.Refused, refused.Outcome);
        Assert.Contains(why, refused.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(_world.Cluster.Writes, path => path.Contains("/queues/", StringComparison.Ordinal));

        void Define(string conversion)
        {
            _world.Cluster.Put("v1", "Namespace", null, "shop", "{}");
            _world.Cluster.Put(
                "apiextensions.k8s.io/v1",
                "CustomResourceDefinition",
                null,
                "queues.example.com",
                $$"""{ "spec": { "group": "example.com", "scope": "Namespaced", "names": { "plural": "queues", "kind": "Queue" }, "conversion": { "strategy": "{{conversion}}" }, "versions": [{ "name": "v2", "served": true }] } }"""
            );
        }

        async Task<KubernetesRestoreResult> RestoreQueueAsync()
        {
            var only = ObjectSelector.TryParse("queue");
            Assert.NotNull(only);
            return await _world.RestoreAsync(KubernetesWorld.Request with { Only = [only] });
        }
    }

    [Fact]
    public async Task An_owner_of_a_version_that_is_no_longer_served_is_found_in_another()
    {
        await FillAsync();
        _world.Cluster = new KubernetesDouble();
        _world.Cluster.Put("v1", "Namespace", null, "shop", "{}");
        _world.Cluster.Put(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            null,
            "queues.example.com",
            """{ "spec": { "group": "example.com", "scope": "Namespaced", "names": { "plural": "queues", "kind": "Queue" }, "versions": [{ "name": "v2", "served": true }] } }"""
        );
        _world.Cluster.Put("example.com/v2", "Queue", "shop", "orders", """{ "spec": { "depth": 10 } }""");
        var only = ObjectSelector.TryParse("secret/queue-login");
        Assert.NotNull(only);

        await _world.RestoreAsync(KubernetesWorld.Request with { Only = [only] });

        var owner = Assert.Single(
            _world.Cluster.Live("/api/v1/namespaces/shop/secrets/queue-login").Items("metadata", "ownerReferences")
        );
        Assert.Equal("example.com/v2", owner.FindText("apiVersion"));
        Assert.Equal(
            _world.Cluster.Live("/apis/example.com/v2/namespaces/shop/queues/orders").FindText("metadata", "uid"),
            owner.FindText("uid")
        );
    }

    [Fact]
    public async Task What_we_changed_ourselves_by_hand_is_no_conflict()
    {
        await FillAsync();
        _world.Cluster = new KubernetesDouble();
        await _world.RestoreAsync();
        _world.Cluster.Put("apps/v1", "Deployment", "shop", "web", """{ "spec": { "replicas": 0 } }""", "resurgam");
        var web = (await _world.RestoreAsync()).Objects.Single(each => each.Key.Kind == "Deployment");
        Assert.True(web.Outcome == ObjectOutcome.Changed, web.Detail);
        Assert.Equal(3, _world.Cluster.Live(Web).FindNumber("spec", "replicas"));
    }

    [Fact]
    public async Task A_webhook_that_does_not_answer_is_told_and_not_asked_again_and_again()
    {
        await FillAsync();
        var asked = 0;
        _world.Cluster = new KubernetesDouble { SilentWebhookOn = "Deployment" };
        _world.Cluster.Before = (method, path) =>
            asked += method == HttpMethod.Patch && path.Contains("/deployments/", StringComparison.Ordinal) ? 1 : 0;
        var result = await _world.RestoreAsync();
        Assert.Equal(1, asked);
        Assert.Equal(ObjectOutcome.Refused, Assert.Single(result.Objects, each => !each.IsGood).Outcome);
        Assert.Contains(
            result.Notes,
            note => note.StartsWith("1 objects wait for a webhook", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task What_is_being_deleted_is_not_taken_for_restored()
    {
        await FillAsync();
        _world.Cluster.Put(
            "v1",
            "Secret",
            "shop",
            "login",
            """{ "type": "Opaque", "data": { "password": "aHVudGVyMg==" }, "metadata": { "deletionTimestamp": "2026-11-26T10:00:00Z" } }"""
        );
        var login = (await _world.RestoreAsync()).Objects.Single(each => each.Key.Name == "login");
        Assert.Equal(ObjectOutcome.Refused, login.Outcome);
        Assert.Contains("it is being deleted since 2026-11-26T10:00:00Z", login.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pods_come_before_the_limits_that_would_change_them()
    {
        await FillAsync();
        _world.Cluster.Put("v1", "Pod", "shop", "shell", """{ "spec": { "containers": [] } }""");
        _world.Cluster.Put("v1", "LimitRange", "shop", "usual", """{ "spec": { "limits": [] } }""");
        await _world.CaptureAsync();
        _world.Cluster = new KubernetesDouble();
        await _world.RestoreAsync();
        Assert.Null(_world.Cluster.Live("/api/v1/namespaces/shop/pods/shell").Find("spec", "limited"));
        var writes = _world.Cluster.Writes;
        Assert.True(writes.IndexOf("/api/v1/namespaces/shop/limitranges/usual") < writes.IndexOf(Web));
    }

    [Fact]
    public async Task A_namespace_beside_the_old_one_takes_nothing_from_it()
    {
        const string binding = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/reader";
        _world.Cluster.Put(
            "rbac.authorization.k8s.io/v1",
            "ClusterRoleBinding",
            null,
            "reader",
            """{ "roleRef": { "kind": "ClusterRole", "name": "reader" }, "subjects": [{ "kind": "ServiceAccount", "name": "web", "namespace": "shop" }] }"""
        );
        await FillAsync();
        var request = KubernetesWorld.Request with
        {
            Namespaces = new Dictionary<string, string> { ["shop"] = "beside" },
            ForceConflicts = true,
        };
        for (var times = 0; times < 2; times++)
        {
            await _world.RestoreAsync(request);
            Assert.Equal(
                ["shop", "beside"],
                _world.Cluster.Live(binding).Items("subjects").Select(subject => subject.FindText("namespace"))
            );
        }
    }

    [Fact]
    public async Task What_a_binding_got_for_the_old_namespace_since_the_backup_stays_with_it()
    {
        const string binding = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/reader";
        Put("""{ "kind": "User", "name": "anna" }""");
        await FillAsync();
        Put("""{ "kind": "User", "name": "anna" }, { "kind": "ServiceAccount", "name": "web", "namespace": "shop" }""");

        await _world.RestoreAsync(
            KubernetesWorld.Request with
            {
                Namespaces = new Dictionary<string, string> { ["shop"] = "beside" },
                ForceConflicts = true,
            }
        );

        Assert.Equal(
            ["anna", "web"],
            _world.Cluster.Live(binding).Items("subjects").Select(subject => subject.FindText("name"))
        );

        void Put(string subjects) =>
            _world.Cluster.Put(
                "rbac.authorization.k8s.io/v1",
                "ClusterRoleBinding",
                null,
                "reader",
                $$"""{ "roleRef": { "kind": "ClusterRole", "name": "reader" }, "subjects": [{{subjects}}] }"""
            );
    }

    private static void LoseAfterThree(HttpMethod method, ref int writes)
    {
        if (writes > 3 || (method == HttpMethod.Patch && ++writes > 3))
            throw new HttpRequestException("gone");
    }

    private static bool IsObject(KeyValuePair<string, string> file) =>
        file.Key.StartsWith(ObjectKey.Folder, StringComparison.Ordinal);

    private async Task FillAsync()
    {
        var cluster = _world.Cluster;
        cluster.Put(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            null,
            "queues.example.com",
            """{ "spec": { "group": "example.com", "scope": "Namespaced", "names": { "plural": "queues", "kind": "Queue" }, "versions": [{ "name": "v1", "served": true }] } }"""
        );
        cluster.Put("v1", "Namespace", null, "shop", "{}");
        cluster.Put(
            "v1",
            "Secret",
            "shop",
            "login",
            """{ "type": "Opaque", "data": { "password": "aHVudGVyMg==" } }"""
        );
        cluster.Put(
            "v1",
            "Secret",
            "shop",
            "queue-login",
            """{ "type": "Opaque", "metadata": { "ownerReferences": [{ "apiVersion": "example.com/v1", "kind": "Queue", "name": "orders", "uid": "old", "controller": true }] } }"""
        );
        cluster.Put("example.com/v1", "Queue", "shop", "orders", """{ "spec": { "depth": 10 } }""");
        cluster.Put(
            "v1",
            "Service",
            "shop",
            "web-service",
            """{ "spec": { "ports": [{ "port": 80 }] }, "metadata": { "annotations": { "note": "clef 𝄞" } } }"""
        );
        cluster.Put(
            "apps/v1",
            "Deployment",
            "shop",
            "web",
            """{ "spec": { "replicas": 3, "database": "db.shop.svc" } }"""
        );
        cluster.Put(
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            "shop",
            "web",
            """{ "roleRef": { "kind": "Role", "name": "x" }, "subjects": [{ "kind": "ServiceAccount", "name": "web", "namespace": "shop" }] }"""
        );
        await _world.CaptureAsync(KubernetesWorld.Source with { IsClusterWide = true });
    }
}
