using Resurgam.Core.Kubernetes;
using Resurgam.Core.Problems;

namespace Resurgam.Tests.Kubernetes;

public sealed class KubeconfigTests
{
    private const string Text = """
        apiVersion: v1
        kind: Config
        current-context: prod
        preferences: {}
        contexts:
          - name: prod
            context: { cluster: one, user: admin }
          - { name: plugin, context: { cluster: one, user: cloud } }
        clusters:
          - name: one
            cluster:
              server: https://10.0.0.1:6443
              certificate-authority: ca.crt
              tls-server-name: kubernetes
        users:
          - name: admin
            user: { client-certificate-data: UEVN, client-key: /keys/admin.key, token: 12345 }
          - name: cloud
            user:
              exec:
                apiVersion: client.authentication.k8s.io/v1beta1
                command: ./login
                args: [--cluster, one]
                env: [{ name: REGION, value: eu }]
                provideClusterInfo: true
        """;

    [Fact]
    public void The_current_context_has_absolute_paths_and_plain_texts()
    {
        var context = Read(Text).Get(context: null);
        Assert.Equal(
            ("prod", "https://10.0.0.1:6443", "kubernetes"),
            (context.Name, context.Server, context.TlsServerName)
        );
        Assert.Equal(("/etc/k/ca.crt", "/keys/admin.key"), (context.CaFile, context.KeyFile));
        Assert.Equal(("PEM", "12345"), (context.CertificateText, context.Token));
        Assert.False(context.IsInsecure);
    }

    [Fact]
    public void A_plugin_is_an_argument_list()
    {
        var plugin = Read(Text).Get("plugin").Exec;
        Assert.NotNull(plugin);
        Assert.Equal(("/etc/k/login", "eu", true), (plugin.Command, plugin.Environment["REGION"], plugin.WantsCluster));
        Assert.Equal(["--cluster", "one"], plugin.Arguments);
    }

    [Fact]
    public void Of_several_files_the_first_that_names_a_thing_has_it()
    {
        var config = Read("{ current-context: prod, users: [{ name: admin, user: { token: first } }] }");
        config.Add(Text, "/etc/other/config");
        var context = config.Get(context: null);
        Assert.Equal(("first", "/etc/other/ca.crt"), (context.Token, context.CaFile));
    }

    [Theory]
    [InlineData("contexts: [", "kubernetes-config")]
    [InlineData("just text", "kubernetes-config")]
    [InlineData("contexts: []", "kubernetes-no-context")]
    [InlineData("{ current-context: a, contexts: [{ name: a, context: { cluster: absent } }] }", "kubernetes-config")]
    [InlineData(
        "{ current-context: a, contexts: [{ name: a, context: { cluster: c } }], clusters: [{ name: c, cluster: {} }] }",
        "kubernetes-config"
    )]
    public void What_cannot_be_used_is_told(string yaml, string code)
    {
        var failure = Assert.Throws<ResurgamException>(() => Read(yaml).Get(context: null));
        Assert.Equal(code, failure.Problem.Code);
    }

    private static Kubeconfig Read(string yaml)
    {
        Kubeconfig config = new();
        config.Add(yaml, "/etc/k/config");
        return config;
    }
}
