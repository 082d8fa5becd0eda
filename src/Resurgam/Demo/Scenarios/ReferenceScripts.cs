namespace Resurgam.Demo.Scenarios;

/// <summary>The programs that steps of the reference plan call. What would build a cluster builds one of processes.</summary>
internal static class ReferenceScripts
{
    private const string Service = """
        #!/bin/sh
        # service start|stop|probe NAME: a service that is a process.
        cd "@/services" || exit 1
        pid=
        alive() { [ -e "$1.pid" ] && read -r pid < "$1.pid" && [ -r "/proc/$pid/stat" ] && ! grep -q ') Z ' "/proc/$pid/stat"; }
        case $1 in
          start)
            alive "$2" && exit 0
            name=$2
            read -r port < "$name.port"
            case $name in
              *-drill) first="@/etc/drill.conninfo" second="@/etc/drill-old.conninfo" ;;
              *) first="@/etc/app.conninfo" second= ;;
            esac
            nohup "%" demo service --port "$port" --conninfo "$first" ${second:+--conninfo "$second"} >> "$name.log" 2>&1 < /dev/null &
            echo $! > "$name.pid"
            # Somebody listens on the port: line of state 0A in the kernel's table.
            while alive "$name" && ! grep -q "0100007F:$(printf %04X "$port") 00000000:0000 0A" /proc/net/tcp; do sleep 0.05; done
            alive "$name" ;;
          stop) alive "$2" && kill "$pid"; while alive "$2"; do sleep 0.05; done ;;
          probe) alive "$2" ;;
        esac

        """;

    private const string Switch = """
        #!/bin/sh
        # db-switch FOLDER: who looks for the database at its old place finds the server of FOLDER.
        set -e
        # A server that still runs there ends, and its files are kept.
        if [ ! -L "@/data" ] && [ -e "@/data/postmaster.pid" ]; then
          read -r pid < "@/data/postmaster.pid"
          kill -INT "$pid"
          while [ -e "@/data/postmaster.pid" ]; do sleep 0.05; done
        fi
        for place in socket data; do
          [ -L "@/$place" ] || [ ! -e "@/$place" ] || mv "@/$place" "@/$place-old"
          ln -sfn "$1/$place" "@/$place"
        done

        """;

    private const string IsSwitched = """
        #!/bin/sh
        [ "$(readlink "@/socket")" = "$1/socket" ] && [ "$(readlink "@/data")" = "$1/data" ]

        """;

    private const string CollectEvidence = """
        #!/bin/sh
        # collect-evidence SERVICE: what it said and how its process was, with hashes.
        set -e
        to="@/evidence/$1"
        mkdir -p "$to"
        cp "@/services/$1.log" "$to/log"
        read -r pid < "@/services/$1.pid"
        cat "/proc/$pid/status" > "$to/process" 2> /dev/null || echo "process $pid is gone" > "$to/process"
        cd "$to" && sha256sum log process > SHA256SUMS

        """;

    private const string Tofu = """
        #!/bin/sh
        # tofu -chdir=FOLDER plan|show|apply ...: one cluster, to be made of a file.
        set -e
        shift
        case $1 in
          plan)
            [ ! -e "@/cluster/built" ] || exit 0
            for word in $*; do
              case $word in
                -out=*) echo '{"format_version":"1.2","resource_changes":[{"address":"cluster.main","type":"cluster","change":{"actions":["create"]}}]}' > "${word#-out=}" ;;
              esac
            done
            exit 2 ;;
          show) cat "$3" ;;
          apply)
            for file in $*; do :; done
            mkdir -p "@/cluster"
            cp "$file" "@/cluster/built"
            "@/lib/cluster-is-ready" ;;
        esac

        """;

    private const string ClusterIsReady = """
        #!/bin/sh
        [ -e "@/cluster/built" ] || exit 1
        # Where there is an API server, whoever provides clusters starts a new one.
        [ ! -e "@/cluster/provider" ] || while [ ! -e "@/cluster/ready" ]; do sleep 0.1; done

        """;

    private const string Deploy = """
        #!/bin/sh
        # deploy --context NAME --waves FOLDER: the manifests, and the fronts of services.
        set -e
        "@/lib/db-switch" "@/restored"
        [ -e "$4/phi-service.yaml" ]
        cp -r "$4" "@/cluster/manifests"
        for name in auth-service phi-service; do "@/lib/service" start $name; done
        echo "$2" > "@/cluster/deployed"

        """;

    private const string IsDeployed = """
        #!/bin/sh
        [ -e "@/cluster/deployed" ]

        """;

    private const string Failover = """
        #!/bin/sh
        # dns-failover --to NAME
        echo "$2" > "@/dns"

        """;

    private const string PointsTo = """
        #!/bin/sh
        [ "$(cat "@/dns")" = "$1" ]

        """;

    private static IReadOnlyList<(string Name, string Text)> All =>
        [
            ("service", Service),
            ("db-switch", Switch),
            ("db-is-switched", IsSwitched),
            ("collect-evidence", CollectEvidence),
            ("tofu", Tofu),
            ("cluster-is-ready", ClusterIsReady),
            ("deploy", Deploy),
            ("is-deployed", IsDeployed),
            ("dns-failover", Failover),
            ("dns-points-to", PointsTo),
        ];

    public static async Task WriteAsync(string folder, CancellationToken cancellationToken)
    {
        var library = Directory.CreateDirectory(Path.Combine(folder, "lib")).FullName;
        foreach (var (name, text) in All)
        {
            var path = Path.Combine(library, name);
            await File.WriteAllTextAsync(
                path,
                text.Replace("@", folder, StringComparison.Ordinal)
                    .Replace("\"%\"", $"\"{DemoProgram.Program}\"", StringComparison.Ordinal),
                cancellationToken
            );
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
