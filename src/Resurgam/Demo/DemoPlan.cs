using System.Globalization;
using Resurgam.Core.Vaults;

namespace Resurgam.Demo;

/// <summary>The plan of the demo, as a person would write it.</summary>
internal static class DemoPlan
{
    public static string StateFolder(string folder) => Path.Combine(folder, "state");

    public static async Task WriteAsync(
        string folder,
        DemoCluster cluster,
        string asset,
        IEntropy entropy,
        CancellationToken cancellationToken
    )
    {
        var secret = Path.Combine(folder, "vault.secret");
        await DemoSecret.WriteAsync(secret, DemoSecret.Make(entropy, 32) + "\n", cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "resurgam.yaml"),
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                # The plan of 'resurgam demo'.
                resurgam: 1
                name: demo
                state: {{StateFolder(folder)}}
                vault:
                  store: file://{{folder}}/vault
                  secret: { file: {{secret}} }
                assets:
                  {{asset}}:
                    kind: postgres
                    connection: {{cluster.Connection(DemoPlatform.Database)}}
                    data-directory: {{cluster.DataDirectory}}
                    questions:
                      - name: patients
                        sql: select count(*) from patients
                      - name: audit rows
                        sql: select count(*) from audit_logs
                      - name: risk of all commits
                        sql: select sum(risk) from commits

                """
            ),
            cancellationToken
        );
    }
}
