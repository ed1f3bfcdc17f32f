/** Contract: THE table of flags. The parser, `--help`, the construct's props, the container's args and the docs derive from it. */
import { milliseconds } from './duration.ts';
import type { AnyFlagRow, FlagTable, KindValues } from './flag-types.ts';

const hourMs = 3_600_000;
/** A DNS label (RFC 1123), as Kubernetes asks of the names of volumes and namespaces. */
const dnsLabel = {
  regex: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  rule: 'lower-case letters, digits and dashes, at most 63, a letter or digit at both ends',
};
/** A DNS label by RFC 1035, as Kubernetes asks of the names of Services. */
const serviceLabel = {
  regex: /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
  rule: 'lower-case letters, digits and dashes, at most 63, a letter first and a letter or digit last',
};
/** A DNS subdomain (RFC 1123), as Kubernetes asks of annotation prefixes and most object names. */
const dnsSubdomain = {
  regex: /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  rule: 'dot-separated labels of lower-case letters, digits and dashes, at most 253 characters',
};
const absolutePath = { regex: /^\//, rule: 'an absolute path' };
const notEmpty = { regex: /\S/, rule: 'not empty' };

export const flags = {
  /**
   * The part before the slash of every annotation that is read from service accounts and pods.
   * @default "eks.amazonaws.com"
   */
  annotationPrefix: {
    flag: 'annotation-prefix',
    kind: 'string',
    fallback: 'eks.amazonaws.com',
    pattern: dnsSubdomain,
    origin: '2019',
    group: 'identity',
    help: 'Prefix of the annotations read from service accounts and pods',
  },
  /**
   * The region that containers get as AWS_REGION and AWS_DEFAULT_REGION unless they name one; empty sets neither.
   * The `region` annotation of the service account or the pod wins.
   * @default ""
   */
  awsDefaultRegion: {
    flag: 'aws-default-region',
    kind: 'string',
    fallback: '',
    origin: 'today',
    group: 'identity',
    help: 'Region for AWS_REGION and AWS_DEFAULT_REGION where a container names none (empty: neither is set)',
  },
  /**
   * Whether containers get AWS_STS_REGIONAL_ENDPOINTS=regional; the `sts-regional-endpoints` annotation wins.
   * @default false
   */
  stsRegionalEndpoint: {
    flag: 'sts-regional-endpoint',
    kind: 'bool',
    fallback: false,
    origin: 'today',
    group: 'identity',
    help: 'Send STS calls to the endpoint of the region unless an annotation says otherwise',
  },
  /**
   * A file or folder of ServiceAccount and ConfigMap manifests, YAML or JSON, to take identities from instead of an API
   * server; followed for changes. Empty: the API server.
   * @default ""
   */
  identitiesFrom: {
    flag: 'identities-from',
    kind: 'string',
    fallback: '',
    origin: 'ours',
    group: 'identity',
    mode: 'out-of-cluster',
    help: 'File or folder of ServiceAccount and ConfigMap manifests to take identities from instead of an API server',
  },
  /**
   * Whether identities are also taken from the ConfigMap `pod-identity-webhook` in the webhook's namespace, key `config`,
   * in kOps' format. The annotations of a service account win over it.
   * @default false
   */
  watchConfigMap: {
    flag: 'watch-config-map',
    kind: 'bool',
    fallback: false,
    origin: 'today',
    group: 'identity',
    help: 'Take identities from the ConfigMap pod-identity-webhook in the namespace of this webhook too',
  },
  /**
   * Whether what a service account gives as its role is only the role's path and name, unless it begins with `arn:`. The
   * partition and the account id come from EC2 instance metadata (version 2), or from `role-arn-account-id`.
   * @default false
   */
  composeRoleArn: {
    flag: 'compose-role-arn',
    kind: 'bool',
    fallback: false,
    origin: 'today',
    group: 'identity',
    help: "Take roles without arn: for path and name, and compose the ARN with this instance's partition and account",
  },
  /**
   * With `compose-role-arn`: the AWS account of the roles. Empty: EC2 instance metadata says it, and the partition.
   * @default ""
   */
  roleArnAccountId: {
    flag: 'role-arn-account-id',
    kind: 'string',
    fallback: '',
    pattern: { regex: /^(\d{12})?$/, rule: '12 digits' },
    origin: 'ours',
    group: 'identity',
    help: 'With --compose-role-arn: AWS account of the roles (empty: instance metadata says it)',
  },
  /**
   * With `role-arn-account-id`: the AWS partition of the roles.
   * @default "aws"
   */
  roleArnPartition: {
    flag: 'role-arn-partition',
    kind: 'string',
    fallback: 'aws',
    pattern: { regex: /^aws[a-z0-9-]*$/, rule: 'an AWS partition, as aws, aws-cn or aws-us-gov' },
    origin: 'ours',
    group: 'identity',
    help: 'With --role-arn-account-id: AWS partition of the roles',
  },
  /**
   * With `compose-role-arn`: the path below which the roles are, before what service accounts give.
   * @default "/"
   */
  roleArnPath: {
    flag: 'role-arn-path',
    kind: 'string',
    fallback: '/',
    pattern: { regex: /^\/([\w+=,.@-]+\/)*$/, rule: 'a path that begins and ends with a slash' },
    origin: 'ours',
    group: 'identity',
    help: 'With --compose-role-arn: path of the roles, before what service accounts give',
  },
  /**
   * A JSON file that names the service accounts whose pods get container credentials (EKS Pod Identity) instead of a web
   * identity, `{"identities": [{"namespace": "n", "serviceAccount": "s"}]}`; followed for changes. It wins over annotations
   * and the ConfigMap. Empty: none is read.
   * @default ""
   */
  watchContainerCredentialsConfig: {
    flag: 'watch-container-credentials-config',
    kind: 'string',
    fallback: '',
    origin: 'today',
    group: 'identity',
    help: 'JSON file that names the service accounts whose pods get container credentials (empty: none)',
  },
  /**
   * How long a review may wait for a service account that the cache lacks, or that is only seconds old and has no role
   * yet. 0s turns the wait off. Keep it below the registration's timeoutSeconds.
   * @default 1s
   */
  serviceAccountLookupGracePeriod: {
    flag: 'service-account-lookup-grace-period',
    kind: 'duration',
    fallback: milliseconds(1000),
    min: 0,
    max: 25_000,
    origin: 'today',
    group: 'identity',
    help: 'How long a review may wait for a service account that is not cached yet (0s: not at all)',
  },

  /**
   * The audience of projected tokens; the `audience` annotation wins.
   * @default "sts.amazonaws.com"
   */
  tokenAudience: {
    flag: 'token-audience',
    kind: 'string',
    fallback: 'sts.amazonaws.com',
    pattern: notEmpty,
    origin: '2019',
    group: 'token',
    help: 'Audience of tokens where no annotation names one',
  },
  /**
   * Lifetime of projected tokens, in seconds; the `token-expiration` annotation wins. The kubelet renews a token when
   * four fifths of it are over.
   * @default 86400
   */
  tokenExpiration: {
    flag: 'token-expiration',
    kind: 'int',
    unit: 'seconds',
    fallback: 86_400,
    min: 600,
    max: 86_400,
    origin: '2019',
    group: 'token',
    help: 'Lifetime of tokens in seconds where no annotation names one',
  },
  /**
   * The folder in the container where the token is mounted.
   * @default "/var/run/secrets/eks.amazonaws.com/serviceaccount"
   */
  tokenMountPath: {
    flag: 'token-mount-path',
    kind: 'string',
    fallback: '/var/run/secrets/eks.amazonaws.com/serviceaccount',
    pattern: absolutePath,
    origin: '2019',
    group: 'token',
    help: 'Folder in the container where the token is mounted',
  },
  /**
   * The name of the token's volume in the pod. The Go webhook of managed EKS uses `aws-iam-token`.
   * @default "aws-token"
   */
  tokenVolumeName: {
    flag: 'token-volume-name',
    kind: 'string',
    fallback: 'aws-token',
    pattern: dnsLabel,
    origin: 'ours',
    group: 'token',
    help: 'Name of the token volume in the pod',
  },
  /**
   * Whether token lifetimes that come from the default are drawn at random from its last twelfth, so that a thousand
   * pods started together do not call STS together a day later.
   * @default false
   */
  tokenExpirationSpread: {
    flag: 'token-expiration-spread',
    kind: 'bool',
    fallback: false,
    origin: 'ours',
    group: 'token',
    help: 'Draw default token lifetimes at random from their last twelfth',
  },

  /**
   * The audience of the tokens for container credentials.
   * @default "pods.eks.amazonaws.com"
   */
  containerCredentialsAudience: {
    flag: 'container-credentials-audience',
    kind: 'string',
    fallback: 'pods.eks.amazonaws.com',
    pattern: notEmpty,
    origin: 'today',
    group: 'token',
    help: 'Audience of the tokens for container credentials',
  },
  /**
   * The URL that containers get their credentials from, as AWS_CONTAINER_CREDENTIALS_FULL_URI.
   * @default "http://169.254.170.23/v1/credentials"
   */
  containerCredentialsFullUri: {
    flag: 'container-credentials-full-uri',
    kind: 'string',
    fallback: 'http://169.254.170.23/v1/credentials',
    pattern: { regex: /^https?:\/\/[^/\s]+/, rule: 'a URL that starts with https:// or http://' },
    origin: 'today',
    group: 'token',
    help: 'URL that containers get container credentials from',
  },
  /**
   * The folder in the container where the token for container credentials is mounted.
   * @default "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount"
   */
  containerCredentialsTokenMountPath: {
    flag: 'container-credentials-token-mount-path',
    kind: 'string',
    fallback: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount',
    pattern: absolutePath,
    origin: 'today',
    group: 'token',
    help: 'Folder in the container where the token for container credentials is mounted',
  },
  /**
   * The file name of the token for container credentials in that folder.
   * @default "eks-pod-identity-token"
   */
  containerCredentialsTokenPath: {
    flag: 'container-credentials-token-path',
    kind: 'string',
    fallback: 'eks-pod-identity-token',
    pattern: {
      regex: /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/,
      rule: 'a relative path of letters, digits, -, _ and ., no part beginning with a dot',
    },
    origin: 'today',
    group: 'token',
    help: 'File of the token for container credentials in that folder',
  },
  /**
   * The name of the volume with the token for container credentials in the pod.
   * @default "eks-pod-identity-token"
   */
  containerCredentialsTokenVolumeName: {
    flag: 'container-credentials-token-volume-name',
    kind: 'string',
    fallback: 'eks-pod-identity-token',
    pattern: dnsLabel,
    origin: 'today',
    group: 'token',
    help: 'Name of the volume with the token for container credentials in the pod',
  },

  /**
   * The port of the webhook, over TLS.
   * @default 443
   */
  port: {
    flag: 'port',
    kind: 'int',
    fallback: 443,
    min: 1,
    max: 65_535,
    origin: '2019',
    group: 'server',
    help: 'Port to listen on, over TLS',
  },
  /**
   * The port of /metrics over plain HTTP; 0 turns it off.
   * @default 9999
   */
  metricsPort: {
    flag: 'metrics-port',
    kind: 'int',
    fallback: 9999,
    min: 0,
    max: 65_535,
    origin: 'today',
    group: 'server',
    help: 'Port for /metrics over plain HTTP (0: none)',
  },
  /**
   * The largest request body accepted, in bytes. The API server refuses objects above 1.5 MiB, and a review may hold two.
   * @default 3145728
   */
  maxRequestBytes: {
    flag: 'max-request-bytes',
    kind: 'int',
    unit: 'bytes',
    fallback: 3 * 1024 * 1024,
    min: 1024,
    max: 64 * 1024 * 1024,
    origin: 'ours',
    group: 'server',
    help: 'Largest request body accepted, in bytes',
  },
  /**
   * The most connections open at once on the port. One more, and that is ended which has asked nothing for longest. Each
   * takes 60 KB of memory; an API server has a few hundred at most.
   * @default 1000
   */
  maxConnections: {
    flag: 'max-connections',
    kind: 'int',
    fallback: 1000,
    min: 1,
    max: 1_000_000,
    origin: 'ours',
    group: 'server',
    help: 'Most connections open at once; for one more the longest idle is closed',
  },
  /**
   * How long the server goes on as before after SIGTERM, unready, until the Service's routes to it are gone.
   * @default 10s
   */
  shutdownDelayDuration: {
    flag: 'shutdown-delay-duration',
    kind: 'duration',
    fallback: milliseconds(10_000),
    min: 0,
    max: hourMs,
    origin: 'ours',
    group: 'server',
    help: 'How long to go on serving, unready, after SIGTERM',
  },
  /**
   * How long requests in flight may take to end after that delay.
   * @default 10s
   */
  shutdownTimeout: {
    flag: 'shutdown-timeout',
    kind: 'duration',
    fallback: milliseconds(10_000),
    min: 0,
    max: hourMs,
    origin: 'ours',
    group: 'server',
    help: 'How long requests in flight may take to end after that',
  },
  /**
   * Whether /debug/alpha/ shows and clears the cache, and denies or fails on demand. Not for production.
   * @default false
   */
  enableDebuggingHandlers: {
    flag: 'enable-debugging-handlers',
    kind: 'bool',
    fallback: false,
    origin: 'today',
    group: 'server',
    help: 'Serve /debug/alpha/ (not for production)',
  },
  /**
   * Print the version and end.
   * @default false
   */
  version: {
    flag: 'version',
    kind: 'bool',
    fallback: false,
    origin: 'today',
    group: 'server',
    help: 'Print the version and exit',
  },

  /**
   * The folder for the self-signed certificate and its key, tls.cert and tls.key.
   * @default "/etc/webhook/certs"
   */
  certDir: {
    flag: 'cert-dir',
    kind: 'string',
    fallback: '/etc/webhook/certs',
    pattern: notEmpty,
    origin: '2019',
    group: 'tls',
    mode: 'out-of-cluster',
    help: 'Folder to keep the self-signed certificate in',
  },
  /**
   * The lifetime of the self-signed certificate.
   * @default 8760h0m0s
   */
  certDuration: {
    flag: 'cert-duration',
    kind: 'duration',
    fallback: milliseconds(8760 * hourMs),
    min: 60_000,
    max: 100 * 8766 * hourMs,
    origin: '2019',
    group: 'tls',
    mode: 'out-of-cluster',
    help: 'Lifetime of the self-signed certificate',
  },
  /**
   * The lifetime of the CA that the webhook makes for itself in a cluster. It is replaced, with overlap, when two thirds
   * of it are over.
   * @default 87600h0m0s
   */
  caDuration: {
    flag: 'ca-duration',
    kind: 'duration',
    fallback: milliseconds(87_600 * hourMs),
    min: 60_000,
    max: 100 * 8766 * hourMs,
    origin: 'ours',
    group: 'tls',
    mode: 'in-cluster',
    help: 'Lifetime of the CA that this webhook makes for itself',
  },
  /**
   * The lifetime of the serving certificates that the webhook's own CA signs, cut short where the CA ends sooner. They are
   * renewed when two thirds of it are over.
   * @default 2160h0m0s
   */
  leafDuration: {
    flag: 'leaf-duration',
    kind: 'duration',
    fallback: milliseconds(2160 * hourMs),
    min: 60_000,
    max: 100 * 8766 * hourMs,
    origin: 'ours',
    group: 'tls',
    mode: 'in-cluster',
    help: 'Lifetime of the serving certificates that the CA of this webhook signs',
  },
  /**
   * The signer of the certificate signing request by which the webhook gets its certificate, as
   * `beta.eks.amazonaws.com/app-serving` on EKS; someone must approve the request. Empty: the webhook makes a CA of its own.
   * @default ""
   * @see https://docs.aws.amazon.com/eks/latest/userguide/cert-signing.html
   */
  csrSigner: {
    flag: 'csr-signer',
    kind: 'string',
    fallback: '',
    pattern: {
      regex: /^$|^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-\w.:]*[A-Za-z0-9])?$/,
      rule: 'a domain, a slash and a path, as beta.eks.amazonaws.com/app-serving',
    },
    origin: 'ours',
    group: 'tls',
    mode: 'in-cluster',
    help: 'Signer to ask for the serving certificate by a CertificateSigningRequest (empty: a CA of its own)',
  },
  /**
   * The MutatingWebhookConfiguration whose caBundle the webhook keeps up to date, in the entries that name its Service.
   * @default "iam-for-pods"
   */
  mutatingWebhookConfiguration: {
    flag: 'mutating-webhook-configuration',
    kind: 'string',
    fallback: 'iam-for-pods',
    pattern: dnsSubdomain,
    origin: 'ours',
    group: 'tls',
    mode: 'in-cluster',
    help: 'MutatingWebhookConfiguration to keep the caBundle of',
  },
  /**
   * The name of the Service in front of the webhook; its certificate is for `<service>.<namespace>.svc`.
   * @default "iam-for-pods"
   */
  serviceName: {
    flag: 'service-name',
    kind: 'string',
    fallback: 'iam-for-pods',
    pattern: serviceLabel,
    origin: '2019',
    group: 'tls',
    mode: 'in-cluster',
    help: 'Name of the Service in front of this webhook',
  },
  /**
   * The Secret that holds the serving certificate and its key.
   * @default "iam-for-pods"
   */
  tlsSecret: {
    flag: 'tls-secret',
    kind: 'string',
    fallback: 'iam-for-pods',
    pattern: dnsSubdomain,
    origin: '2019',
    group: 'tls',
    mode: 'in-cluster',
    help: 'Name of the Secret that holds the serving certificate',
  },
  /**
   * A file with the serving certificate chain in PEM, followed for changes. Counts only together with `tls-key`.
   * @default "/etc/webhook/certs/tls.crt"
   */
  tlsCert: {
    flag: 'tls-cert',
    kind: 'string',
    fallback: '/etc/webhook/certs/tls.crt',
    pattern: notEmpty,
    countsWhenGiven: true,
    origin: 'today',
    group: 'tls',
    help: 'File with the serving certificate chain in PEM',
  },
  /**
   * The file with the serving certificate's key in PEM, followed for changes.
   * @default "/etc/webhook/certs/tls.key"
   */
  tlsKey: {
    flag: 'tls-key',
    kind: 'string',
    fallback: '/etc/webhook/certs/tls.key',
    pattern: notEmpty,
    countsWhenGiven: true,
    origin: 'today',
    group: 'tls',
    help: "File with the serving certificate's key in PEM",
  },
  /**
   * The cipher suites to offer, by their Go or IANA names; empty: Node's own choice. TLS 1.3 suites are always on.
   * @default []
   */
  tlsCipherSuites: {
    flag: 'tls-cipher-suites',
    kind: 'strings',
    fallback: [],
    origin: 'today',
    group: 'tls',
    help: "Cipher suites to offer, by Go or IANA name (empty: Node's choice)",
  },
  /**
   * The lowest TLS version to accept; empty: 1.2.
   * @default ""
   */
  tlsMinVersion: {
    flag: 'tls-min-version',
    kind: 'string',
    fallback: '',
    choices: ['', '1.0', '1.1', '1.2', '1.3', 'VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13'],
    origin: 'today',
    group: 'tls',
    help: 'Lowest TLS version to accept, 1.0 to 1.3 (empty: 1.2)',
  },

  /**
   * Whether the API server is reached with the pod's own service account.
   * @default true
   */
  inCluster: {
    flag: 'in-cluster',
    kind: 'bool',
    fallback: true,
    origin: '2019',
    group: 'kubernetes',
    help: "Reach the API server with the pod's own service account",
  },
  /**
   * The URL of the API server; empty: the kubeconfig's.
   * @default ""
   */
  kubeApi: {
    flag: 'kube-api',
    kind: 'string',
    fallback: '',
    pattern: { regex: /^$|^https?:\/\/[^/\s]+/, rule: 'a URL that starts with https:// or http://' },
    origin: '2019',
    group: 'kubernetes',
    mode: 'out-of-cluster',
    help: 'URL of the API server (empty: as the kubeconfig says)',
  },
  /**
   * The kubeconfig file; a leading `~` is the home folder.
   * @default "~/.kube/config"
   */
  kubeconfig: {
    flag: 'kubeconfig',
    kind: 'string',
    fallback: '~/.kube/config',
    origin: '2019',
    group: 'kubernetes',
    mode: 'out-of-cluster',
    help: 'File that says how to reach the API server',
  },
  /**
   * The namespace of the webhook, of its Secret and of the ConfigMap of identities.
   * @default "eks"
   */
  namespace: {
    flag: 'namespace',
    kind: 'string',
    fallback: 'eks',
    pattern: dnsLabel,
    origin: '2019',
    group: 'kubernetes',
    mode: 'in-cluster',
    help: 'Namespace of this webhook, of its Secret and of the ConfigMap of identities',
  },
  /**
   * How often what is followed is looked at again, in case a change went unseen: certificate and manifest files.
   * Service accounts need none; their watch says when it lags.
   * @default 1m0s
   */
  resyncPeriod: {
    flag: 'resync-period',
    kind: 'duration',
    fallback: milliseconds(60_000),
    min: 1000,
    max: 24 * hourMs,
    origin: 'today',
    group: 'kubernetes',
    help: 'How often files that are followed are read again although nothing seems to have changed',
  },
  /**
   * Where to write the kubeconfig-style file by which the API server reaches the webhook.
   * @default "/etc/webhook/config.yaml"
   */
  webhookConfig: {
    flag: 'webhook-config',
    kind: 'string',
    fallback: '/etc/webhook/config.yaml',
    pattern: notEmpty,
    origin: '2019',
    group: 'kubernetes',
    mode: 'out-of-cluster',
    help: 'File to write for the API server: how it reaches this webhook',
  },

  /**
   * Whether lines that go to files go to standard error too.
   * @default false
   */
  alsologtostderr: {
    flag: 'alsologtostderr',
    kind: 'bool',
    fallback: false,
    origin: '2019',
    group: 'log',
    help: 'Write log lines to standard error as well as to files',
  },
  /**
   * With `alsologtostderr`: the least severity that goes to standard error too.
   * @default 0
   */
  alsologtostderrthreshold: {
    flag: 'alsologtostderrthreshold',
    kind: 'severity',
    fallback: 0,
    origin: 'today',
    group: 'log',
    help: 'With --alsologtostderr: least severity that goes to standard error too',
  },
  /**
   * Whether a line's caller has its folder.
   * @default false
   */
  addDirHeader: {
    flag: 'add_dir_header',
    kind: 'bool',
    fallback: false,
    origin: 'today',
    group: 'log',
    help: "Put the folder before the file in a line's caller",
  },
  /**
   * With `logtostderr`: whether all severities go to standard error, whatever `stderrthreshold` says.
   * @default true
   */
  legacyStderrThresholdBehavior: {
    flag: 'legacy_stderr_threshold_behavior',
    kind: 'bool',
    fallback: true,
    origin: 'today',
    group: 'log',
    help: 'With --logtostderr: ignore --stderrthreshold',
  },
  /**
   * A source position, `file.ts:line`, whose log lines get a stack trace.
   * @default ":0"
   */
  logBacktraceAt: {
    flag: 'log_backtrace_at',
    kind: 'traceLocation',
    fallback: ':0',
    pattern: { regex: /^[^:\s]*:\d+$/, rule: 'file:line' },
    origin: '2019',
    group: 'log',
    help: 'Add a stack trace to what is logged at this file:line',
  },
  /**
   * The folder for log files, one per severity; empty: no files.
   * @default ""
   */
  logDir: {
    flag: 'log_dir',
    kind: 'string',
    fallback: '',
    origin: '2019',
    group: 'log',
    help: 'Folder to write log files in, one for each severity (empty: none)',
  },
  /**
   * One file for all log lines; wins over `log_dir`.
   * @default ""
   */
  logFile: {
    flag: 'log_file',
    kind: 'string',
    fallback: '',
    origin: 'today',
    group: 'log',
    help: 'File to write all log lines in; wins over --log_dir',
  },
  /**
   * The size at which `log_file` is begun anew, in megabytes; 0: never.
   * @default 1800
   */
  logFileMaxSize: {
    flag: 'log_file_max_size',
    kind: 'int',
    unit: 'megabytes',
    fallback: 1800,
    min: 0,
    max: 1_000_000,
    origin: 'today',
    group: 'log',
    help: 'Megabytes at which --log_file is begun anew (0: never)',
  },
  /**
   * Whether lines go to standard error instead of files. Without files they go there anyway.
   * @default false
   */
  logtostderr: {
    flag: 'logtostderr',
    kind: 'bool',
    fallback: false,
    origin: '2019',
    group: 'log',
    help: 'Write log lines to standard error instead of files',
  },
  /**
   * With `log_dir`: whether a line is written only to the file of its own severity, not to the lesser ones as well.
   * @default false
   */
  oneOutput: {
    flag: 'one_output',
    kind: 'bool',
    fallback: false,
    origin: 'today',
    group: 'log',
    help: 'With --log_dir: write a line only to the file of its own severity',
  },
  /**
   * Whether lines have no time, level and caller.
   * @default false
   */
  skipHeaders: {
    flag: 'skip_headers',
    kind: 'bool',
    fallback: false,
    origin: 'today',
    group: 'log',
    help: 'Leave out time, level and caller of log lines',
  },
  /**
   * Whether log files have no first line that says when and by what they were made.
   * @default false
   */
  skipLogHeaders: {
    flag: 'skip_log_headers',
    kind: 'bool',
    fallback: false,
    origin: 'today',
    group: 'log',
    help: 'Leave out the first line of log files, which says what wrote them',
  },
  /**
   * When lines go to files: the least severity that goes to standard error too.
   * @default 2
   */
  stderrthreshold: {
    flag: 'stderrthreshold',
    kind: 'severity',
    fallback: 2,
    origin: '2019',
    group: 'log',
    help: 'Least severity that goes to standard error as well when lines go to files',
  },
  /**
   * Verbosity, 0 and up: 0 decisions, 2 what the webhook does, 4 every request, 6 every watch event.
   * @default 0
   */
  v: {
    flag: 'v',
    shorthand: 'v',
    kind: 'level',
    fallback: 0,
    min: 0,
    max: 10,
    origin: '2019',
    group: 'log',
    help: 'Verbosity of the log (0 decisions, 2 actions, 4 requests, 6 events)',
  },
  /**
   * Verbosity by source file: comma-separated `pattern=level`, `*` and `?` in patterns, `reflector=6,http/*=4`.
   * @default ""
   */
  vmodule: {
    flag: 'vmodule',
    kind: 'moduleSpec',
    fallback: '',
    pattern: { regex: /^([^=,\s]+=\d+(,[^=,\s]+=\d+)*)?$/, rule: 'comma-separated pattern=level' },
    origin: '2019',
    group: 'log',
    help: 'Verbosity by source file, comma-separated pattern=level',
  },
} as const satisfies FlagTable;

/** A flag's name as a property: the flag in camelCase. */
export type FlagKey = keyof typeof flags;

/** Every flag's value: what the server runs with. */
export type Config = { readonly [K in keyof typeof flags]: KindValues[(typeof flags)[K]['kind']] };

/** Flags as optional props: what a construct takes. Absent means the flag's fallback. */
export type FlagProps = { readonly [K in keyof typeof flags]?: KindValues[(typeof flags)[K]['kind']] };

/** The keys of all flags, in the table's order. */
export const flagKeys = Object.keys(flags) as readonly FlagKey[];

/** The table for code that treats all rows alike, whatever their kind. */
export const flagRows: Readonly<Record<FlagKey, AnyFlagRow>> = flags;

/** What the server runs with when no flag is given. */
export const fallbacks = Object.fromEntries(flagKeys.map((key) => [key, flagRows[key].fallback])) as unknown as Config;
