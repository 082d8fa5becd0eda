namespace Resurgam.RealTests.Kubernetes;

/// <summary>A small platform: one object at least of every kind that a restore treats in a way of its own.</summary>
internal static class Shop
{
    /// <summary>What it needs of the whole cluster, with names of its own.</summary>
    public static string ClusterManifest(string name) =>
        """
            apiVersion: storage.k8s.io/v1
            kind: StorageClass
            metadata: { name: SHOP-fast }
            provisioner: example.com/disks
            parameters: { tier: ssd }
            allowVolumeExpansion: true
            ---
            apiVersion: scheduling.k8s.io/v1
            kind: PriorityClass
            metadata: { name: SHOP-first }
            value: 1000
            description: before others
            ---
            apiVersion: networking.k8s.io/v1
            kind: IngressClass
            metadata: { name: SHOP-outside }
            spec: { controller: example.com/ingress }
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: { name: "SHOP:reader" }
            rules:
            - { apiGroups: [""], resources: [nodes], verbs: [get, list] }
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: { name: "SHOP:reader" }
            roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "SHOP:reader" }
            subjects:
            - { kind: ServiceAccount, name: web, namespace: SHOP }
            ---
            apiVersion: v1
            kind: PersistentVolume
            metadata: { name: SHOP-archive }
            spec:
              capacity: { storage: 5Gi }
              accessModes: [ReadWriteOnce]
              persistentVolumeReclaimPolicy: Retain
              nfs: { server: nfs.example.com, path: /archive }
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: { name: widgets.SHOP.example.com }
            spec:
              group: SHOP.example.com
              scope: Namespaced
              names: { kind: Widget, plural: widgets, singular: widget, shortNames: [wd] }
              versions:
              - name: v1alpha1
                served: true
                storage: false
                schema:
                  openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true }
              - name: v1
                served: true
                storage: true
                subresources: { status: {} }
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec:
                        type: object
                        required: [size]
                        properties:
                          size: { type: integer, minimum: 1 }
                          colour: { type: string, default: red }
                          parts:
                            type: array
                            items: { type: object, properties: { name: { type: string }, weight: { type: number } } }
                      status: { type: object, properties: { phase: { type: string } } }
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: { name: racks.SHOP.example.com }
            spec:
              group: SHOP.example.com
              scope: Cluster
              names: { kind: Rack, plural: racks, singular: rack }
              versions:
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true }

            """.Replace("SHOP", name, StringComparison.Ordinal);

    /// <summary>A program in the namespace that the API server asks for a whole API, and that does not answer.</summary>
    public static string BrokenApi(string name) =>
        """
            apiVersion: apiregistration.k8s.io/v1
            kind: APIService
            metadata: { name: v1.things.SHOP.example.com }
            spec:
              group: things.SHOP.example.com
              version: v1
              groupPriorityMinimum: 100
              versionPriority: 10
              insecureSkipTLSVerify: true
              service: { namespace: SHOP, name: web }

            """.Replace("SHOP", name, StringComparison.Ordinal);

    /// <summary>A program in the namespace that would be asked about objects that nobody makes.</summary>
    public static string Webhook(string name) =>
        """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata: { name: SHOP-checks }
            webhooks:
            - name: checks.SHOP.example.com
              clientConfig: { service: { namespace: SHOP, name: web, path: /check } }
              rules: [{ apiGroups: [SHOP.example.com], apiVersions: ["*"], operations: [CREATE], resources: [gadgets] }]
              sideEffects: None
              admissionReviewVersions: [v1]

            """.Replace("SHOP", name, StringComparison.Ordinal);

    /// <param name="name">Of the namespace; and what <see cref="ClusterManifest"/> was given.</param>
    public static string Manifest(string name) =>
        """
            apiVersion: v1
            kind: Namespace
            metadata: { name: SHOP, labels: { team: care }, annotations: { owner: ops@example.com } }
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: { name: web, namespace: SHOP }
            imagePullSecrets: [{ name: registry }]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: { name: web, namespace: SHOP }
            rules:
            - { apiGroups: [""], resources: [configmaps], verbs: [get, watch], resourceNames: [settings] }
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: { name: web, namespace: SHOP }
            roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: web }
            subjects:
            - { kind: ServiceAccount, name: web, namespace: SHOP }
            - { kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:serviceaccounts:SHOP" }
            ---
            apiVersion: v1
            kind: Secret
            metadata: { name: login, namespace: SHOP }
            type: Opaque
            stringData: { password: "pa55 wörd", empty: "" }
            ---
            apiVersion: v1
            kind: Secret
            metadata: { name: registry, namespace: SHOP }
            type: kubernetes.io/dockerconfigjson
            stringData: { ".dockerconfigjson": "{\"auths\":{}}" }
            immutable: true
            ---
            apiVersion: v1
            kind: Secret
            metadata: { name: web-token, namespace: SHOP, annotations: { kubernetes.io/service-account.name: web } }
            type: kubernetes.io/service-account-token
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: settings, namespace: SHOP }
            data: { mode: "on", text: "two\nlines\n", number: "007", clef: "\u2028 ☃ 𝄞" }
            binaryData: { icon: iVBORw0KGgo= }
            ---
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: { name: uploads, namespace: SHOP }
            spec:
              accessModes: [ReadWriteOnce]
              storageClassName: SHOP-fast
              resources: { requests: { storage: 1Gi } }
            ---
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: { name: archive, namespace: SHOP }
            spec:
              accessModes: [ReadWriteOnce]
              storageClassName: ""
              volumeName: SHOP-archive
              resources: { requests: { storage: 5Gi } }
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: web, namespace: SHOP }
            spec:
              selector: { app: web }
              ports:
              - { name: http, port: 80, targetPort: 8080 }
              - { name: dns-tcp, port: 53, protocol: TCP }
              - { name: dns-udp, port: 53, protocol: UDP }
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: peers, namespace: SHOP }
            spec: { clusterIP: None, selector: { app: store }, ports: [{ port: 5432 }], publishNotReadyAddresses: true }
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: elsewhere, namespace: SHOP }
            spec: { type: ExternalName, externalName: db.example.com }
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: outside, namespace: SHOP }
            spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 443 }], externalTrafficPolicy: Local }
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: by-hand, namespace: SHOP }
            spec: { ports: [{ port: 5432 }] }
            ---
            apiVersion: v1
            kind: Endpoints
            metadata: { name: by-hand, namespace: SHOP }
            subsets:
            - addresses: [{ ip: 192.0.2.7 }, { ip: 192.0.2.8 }]
              ports: [{ port: 5432 }]
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: web, namespace: SHOP, labels: { app: web } }
            spec:
              replicas: 3
              selector: { matchLabels: { app: web } }
              template:
                metadata: { labels: { app: web } }
                spec:
                  serviceAccountName: web
                  priorityClassName: SHOP-first
                  initContainers:
                  - { name: prepare, image: registry.example.com/prepare:1 }
                  containers:
                  - name: web
                    image: registry.example.com/web:1.2
                    ports: [{ containerPort: 8080, name: http }, { containerPort: 8080, name: http3, protocol: UDP }]
                    env:
                    - { name: B, value: second }
                    - { name: A, value: first }
                    - { name: PASSWORD, valueFrom: { secretKeyRef: { name: login, key: password } } }
                    envFrom: [{ configMapRef: { name: settings } }]
                    resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { cpu: "1", memory: 128Mi } }
                    readinessProbe: { httpGet: { path: /ready, port: http }, periodSeconds: 5 }
                    volumeMounts: [{ name: data, mountPath: /data }]
                  volumes: [{ name: data, persistentVolumeClaim: { claimName: uploads } }]
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: { name: store, namespace: SHOP }
            spec:
              replicas: 2
              serviceName: peers
              selector: { matchLabels: { app: store } }
              template:
                metadata: { labels: { app: store } }
                spec:
                  containers: [{ name: store, image: registry.example.com/store:7 }]
              volumeClaimTemplates:
              - metadata: { name: data }
                spec:
                  accessModes: [ReadWriteOnce]
                  storageClassName: SHOP-fast
                  resources: { requests: { storage: 10Gi } }
            ---
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: { name: agent, namespace: SHOP }
            spec:
              selector: { matchLabels: { app: agent } }
              template:
                metadata: { labels: { app: agent } }
                spec:
                  hostNetwork: true
                  tolerations: [{ operator: Exists }]
                  containers: [{ name: agent, image: registry.example.com/agent:3, ports: [{ containerPort: 9100 }] }]
            ---
            apiVersion: batch/v1beta1
            kind: CronJob
            metadata: { name: nightly, namespace: SHOP }
            spec:
              schedule: 0 3 * * *
              jobTemplate:
                spec:
                  template:
                    spec:
                      restartPolicy: Never
                      containers: [{ name: nightly, image: registry.example.com/nightly:1 }]
            ---
            apiVersion: batch/v1
            kind: Job
            metadata: { name: import, namespace: SHOP }
            spec:
              template:
                spec:
                  restartPolicy: OnFailure
                  containers: [{ name: import, image: registry.example.com/import:1 }]
            ---
            apiVersion: v1
            kind: Pod
            metadata: { name: shell, namespace: SHOP, labels: { app: shell } }
            spec:
              automountServiceAccountToken: false
              containers: [{ name: shell, image: registry.example.com/shell:1 }]
            ---
            apiVersion: autoscaling/v2beta2
            kind: HorizontalPodAutoscaler
            metadata: { name: web, namespace: SHOP }
            spec:
              minReplicas: 2
              maxReplicas: 9
              scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
              metrics:
              - { type: Resource, resource: { name: memory, target: { type: Utilization, averageUtilization: 70 } } }
            ---
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: { name: web, namespace: SHOP }
            spec:
              ingressClassName: SHOP-outside
              rules:
              - host: shop.example.com
                http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { name: http } } } }] }
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: { name: only-web, namespace: SHOP }
            spec:
              podSelector: { matchLabels: { app: store } }
              policyTypes: [Ingress]
              ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }], ports: [{ port: 5432 }] }]
            ---
            apiVersion: policy/v1beta1
            kind: PodDisruptionBudget
            metadata: { name: web, namespace: SHOP }
            spec: { minAvailable: 1, selector: { matchLabels: { app: web } } }
            ---
            apiVersion: v1
            kind: LimitRange
            metadata: { name: usual, namespace: SHOP }
            spec: { limits: [{ type: Container, defaultRequest: { cpu: 50m } }] }
            ---
            apiVersion: SHOP.example.com/v1
            kind: Widget
            metadata: { name: small, namespace: SHOP, finalizers: [example.com/guard] }
            spec: { size: 1 }
            ---
            apiVersion: SHOP.example.com/v1
            kind: Widget
            metadata: { name: large, namespace: SHOP }
            spec: { size: 100, colour: blue, parts: [{ name: leg, weight: 1.5 }, { name: top, weight: 20 }] }
            ---
            apiVersion: SHOP.example.com/v1
            kind: Rack
            metadata: { name: SHOP-one }
            height: 42
            ---
            apiVersion: v1
            kind: ResourceQuota
            metadata: { name: most, namespace: SHOP }
            spec: { hard: { count/deployments.apps: "10" } }

            """.Replace("SHOP", name, StringComparison.Ordinal);

    /// <summary>Of a snapshot of the namespace and what it needs: not the rack, which nothing in it names.</summary>
    public static IReadOnlyList<string> Files(string name) =>
        [
            .. """
                kubernetes/apiextensions.k8s.io/v1/CustomResourceDefinition/_cluster/widgets.SHOP.example.com.json
                kubernetes/apps/v1/DaemonSet/SHOP/agent.json
                kubernetes/apps/v1/Deployment/SHOP/web.json
                kubernetes/apps/v1/StatefulSet/SHOP/store.json
                kubernetes/autoscaling/v1/HorizontalPodAutoscaler/SHOP/web.json
                kubernetes/batch/v1/Job/SHOP/import.json
                kubernetes/batch/v1beta1/CronJob/SHOP/nightly.json
                kubernetes/core/v1/ConfigMap/SHOP/settings.json
                kubernetes/core/v1/Endpoints/SHOP/by-hand.json
                kubernetes/core/v1/LimitRange/SHOP/usual.json
                kubernetes/core/v1/Namespace/_cluster/SHOP.json
                kubernetes/core/v1/PersistentVolume/_cluster/SHOP-archive.json
                kubernetes/core/v1/PersistentVolumeClaim/SHOP/archive.json
                kubernetes/core/v1/PersistentVolumeClaim/SHOP/uploads.json
                kubernetes/core/v1/Pod/SHOP/shell.json
                kubernetes/core/v1/ResourceQuota/SHOP/most.json
                kubernetes/core/v1/Secret/SHOP/login.json
                kubernetes/core/v1/Secret/SHOP/registry.json
                kubernetes/core/v1/Secret/SHOP/web-token.json
                kubernetes/core/v1/Service/SHOP/by-hand.json
                kubernetes/core/v1/Service/SHOP/elsewhere.json
                kubernetes/core/v1/Service/SHOP/outside.json
                kubernetes/core/v1/Service/SHOP/peers.json
                kubernetes/core/v1/Service/SHOP/web.json
                kubernetes/core/v1/ServiceAccount/SHOP/web.json
                kubernetes/SHOP.example.com/v1/Widget/SHOP/large.json
                kubernetes/SHOP.example.com/v1/Widget/SHOP/small.json
                kubernetes/networking.k8s.io/v1/Ingress/SHOP/web.json
                kubernetes/networking.k8s.io/v1/IngressClass/_cluster/SHOP-outside.json
                kubernetes/networking.k8s.io/v1/NetworkPolicy/SHOP/only-web.json
                kubernetes/policy/v1beta1/PodDisruptionBudget/SHOP/web.json
                kubernetes/rbac.authorization.k8s.io/v1/ClusterRole/_cluster/SHOP:reader.json
                kubernetes/rbac.authorization.k8s.io/v1/ClusterRoleBinding/_cluster/SHOP:reader.json
                kubernetes/rbac.authorization.k8s.io/v1/Role/SHOP/web.json
                kubernetes/rbac.authorization.k8s.io/v1/RoleBinding/SHOP/web.json
                kubernetes/scheduling.k8s.io/v1/PriorityClass/_cluster/SHOP-first.json
                kubernetes/storage.k8s.io/v1/StorageClass/_cluster/SHOP-fast.json
                """.Split('\n').Select(path => path.Replace("SHOP", name, StringComparison.Ordinal)).Order(
                StringComparer.Ordinal
            ),
        ];
}
