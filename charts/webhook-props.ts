/** Charts: what a webhook is deployed with: every flag, and what is of the cluster. Decides nothing. */
import type { k8s } from 'cdk8s-plus-27';
import type { FlagProps } from '../contract/flags.ts';
import type { Certificates } from './certificates.ts';
import type { Compatibility } from './compatibility.ts';

/** Who has which role, for service accounts that have no annotation. */
export interface IdentityEntry {
  /** The namespace of the service accounts; `*` is any run of characters, `?` any one. */
  readonly namespace: string;
  /** The name of the service accounts; `*` and `?` as above. The most specific entry counts. */
  readonly serviceAccount: string;
  /** The role, as `arn:aws:iam::111122223333:role/s3-reader`. */
  readonly roleArn: string;
  /** @default - the flag `tokenAudience` */
  readonly audience?: string;
  /** @default - the flag `stsRegionalEndpoint` */
  readonly useRegionalSts?: boolean;
  /**
   * Lifetime of the token, in seconds, 600 to 86400.
   * @default - the flag `tokenExpiration`
   */
  readonly tokenExpiration?: number;
}

/** How many replicas there are, by their load. */
export interface AutoscalingOptions {
  /** @default 2 */
  readonly minReplicas?: number;
  /** At least `minReplicas`. */
  readonly maxReplicas: number;
  /**
   * The mean CPU time used that is aimed at, in percent of what is requested.
   * @default 80
   */
  readonly cpuPercent?: number;
}

/** Who may reach the webhook, and whom it may reach. */
export interface NetworkPolicyOptions {
  /**
   * Where the API server's requests come from, and where it is reached, as CIDRs. It is no pod, so it has no labels.
   * @default - anywhere
   */
  readonly apiServerCidrs?: readonly string[];
  /**
   * The ports on which the API server is reached, besides that of `kubeApi`: of the Service `kubernetes`, and behind it.
   * @default 443 and 6443
   */
  readonly apiServerPorts?: readonly number[];
  /**
   * The namespaces that may scrape metrics.
   * @default - all
   */
  readonly scraperNamespaces?: k8s.LabelSelector;
  /** Whom the webhook may reach besides the API server. @default - nobody */
  readonly egress?: readonly k8s.NetworkPolicyEgressRule[];
}

/** Of an object of prometheus-operator, which must be installed. */
export interface MonitorOptions {
  /**
   * Labels of the object, by which a Prometheus chooses it. They win over `labels`.
   * @default - none but the webhook's
   */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What Prometheus scrapes, and how often. */
export interface ServiceMonitorOptions extends MonitorOptions {
  /**
   * How often, in Prometheus' syntax, as `30s`.
   * @default - as Prometheus is set
   */
  readonly interval?: string;
}

/** What is of the cluster rather than of the program. */
export interface DeploymentProps {
  /**
   * Whose names the webhook has: `eks` are those of managed EKS and of the Go webhook's own manifests, `aws-iam-token` for
   * the token volume and `pod-identity-webhook` for the objects. Flags that are given win.
   * @default "2019"
   */
  readonly compatibility?: Compatibility;
  /** The image of the webhook: `make image` makes one. */
  readonly image: string;
  /** @default - Kubernetes': `Always` for the tag `latest`, else `IfNotPresent` */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** Names of the Secrets to pull the image with. */
  readonly imagePullSecrets?: readonly string[];
  /**
   * How many pods there are. They roll one by one, the new one first, so one node is enough.
   * @default 2
   */
  readonly replicas?: number;
  /** Lets the load decide how many pods there are, instead of `replicas`. */
  readonly autoscaling?: AutoscalingOptions;
  /**
   * What the container asks for and may have at most. It takes 70 MB of memory with few service
   * accounts, and 106 MB at most with 50,000. Each request and limit that is not given is the default's.
   * @default requests 50m and 80Mi, limits 1 CPU and 256Mi
   * @see docs/performance.md
   */
  readonly resources?: k8s.ResourceRequirements;
  /**
   * Any namespace may use it since Kubernetes 1.17 unless a ResourceQuota says otherwise; empty: no class.
   * @default "system-cluster-critical"
   * @see https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/
   */
  readonly priorityClassName?: string;
  /** @default - none */
  readonly tolerations?: readonly k8s.Toleration[];
  /** @default - none */
  readonly affinity?: k8s.Affinity;
  /** Labels that a node must have. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** @default - over zones and over nodes, where there are several */
  readonly topologySpreadConstraints?: readonly k8s.TopologySpreadConstraint[];
  /**
   * Whether the pods have their node's network, for an API server that does not reach pods. They do not meet the
   * restricted Pod Security Standard then, and there is one pod a node: two replicas need two nodes. A rollout takes the
   * old pod away first, so with one replica there is a moment without a webhook in each.
   * @default false
   */
  readonly hostNetwork?: boolean;
  /** @default - "ClusterFirstWithHostNet" with `hostNetwork`, else "ClusterFirst" */
  readonly dnsPolicy?: 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default';
  /** Volumes of the pods besides their own, for flags that name files. */
  readonly volumes?: readonly k8s.Volume[];
  /** Where the container has them. Its root file system is read-only. */
  readonly volumeMounts?: readonly k8s.VolumeMount[];
  /** Labels of every object and of the pods, besides their own. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations of every object and of the pods. */
  readonly annotations?: Readonly<Record<string, string>>;

  /**
   * What becomes of a pod when no webhook answers: it is created without an identity, or refused. With `Fail`,
   * pods in `kube-system` and in the webhook's own namespace are not reviewed unless `namespaceSelector` says so, and
   * there must be replicas.
   * @default "Ignore"
   */
  readonly failurePolicy?: 'Ignore' | 'Fail';
  /**
   * How long the API server waits for an answer, in seconds, 1 to 30; longer than `serviceAccountLookupGracePeriod`.
   * @default - that and 4 more
   */
  readonly timeoutSeconds?: number;
  /** @default "IfNeeded": containers that other webhooks add later get the identity too */
  readonly reinvocationPolicy?: 'IfNeeded' | 'Never';
  /**
   * The namespaces whose pods are reviewed, by label.
   * @default - all; with `failurePolicy` `Fail`, all but `kube-system` and the webhook's own
   */
  readonly namespaceSelector?: k8s.LabelSelector;
  /** The pods that are reviewed, by label. Pods with the skip label, the webhook's own among them, never are. */
  readonly objectSelector?: k8s.LabelSelector;
  /** What must hold besides for a pod to be reviewed. Mirrors of static pods never are. */
  readonly matchConditions?: readonly k8s.MatchCondition[];
  /**
   * Where the API server finds the webhook, instead of a Service: an https URL with the path, `/mutate`. Needs `certificates`
   * that others make: `Certificates.certManager()` or `Certificates.secret(...)`.
   */
  readonly url?: string;
  /**
   * Where the serving certificate comes from.
   * @default Certificates.ownCa()
   */
  readonly certificates?: Certificates;
  /** Identities for service accounts without annotations, in the ConfigMap `pod-identity-webhook`. Sets `watchConfigMap`. */
  readonly identities?: readonly IdentityEntry[];

  /** Adds a NetworkPolicy. @default - none */
  readonly networkPolicy?: NetworkPolicyOptions;
  /** Adds a ServiceMonitor. @default - none */
  readonly serviceMonitor?: ServiceMonitorOptions;
  /** Adds a PrometheusRule. @default - none */
  readonly prometheusRule?: MonitorOptions;
}

/** What a webhook is deployed with. Flags have the names of the command line in camelCase. */
export interface PodIdentityWebhookProps extends DeploymentProps, FlagProps {
  /**
   * The port of the webhook in the pod, over TLS; the Service's is 443. Not 443 like the flag: that takes a privilege on
   * the node's network and under some container runtimes.
   * @default 8443
   */
  readonly port?: number;
  /**
   * The name of the Service, and of nearly all other objects. `tlsSecret` and `mutatingWebhookConfiguration` follow it,
   * unless they are given or `compatibility` names them: so two webhooks share no object.
   * @default "iam-for-pods"
   */
  readonly serviceName?: string;
  /**
   * The Secret that holds the serving certificate and its key.
   * @default - `serviceName`
   */
  readonly tlsSecret?: string;
  /**
   * The registration's name, and that of the ClusterRole and its binding.
   * @default - `serviceName`
   */
  readonly mutatingWebhookConfiguration?: string;
  /**
   * The namespace of the webhook and of its Secret.
   * @default - the chart's, else "eks"
   */
  readonly namespace?: string;
}
