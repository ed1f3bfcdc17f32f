/** The combinations of props that tests render, and that the cluster suite has a real API server accept. */
import { Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Certificates, type PodIdentityWebhookProps } from '../../charts/index.ts';

/** Props and what they are an example of. */
export interface PropCombination {
  readonly name: string;
  readonly props: Omit<PodIdentityWebhookProps, 'image'>;
  /** What must be installed for the API server to know all kinds: their CRDs are in imports/. */
  readonly needs?: 'cert-manager' | 'prometheus-operator';
}

/** The certificate of a CA that nobody has the key of: the API server wants one that it can read. */
export const somePem = `-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUJdT+ysLwYqbBaR7uxLolZ4mxkgQwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIc29tZWJvZHkwHhcNMjYxMTI0MTE1MTQ2WhcNMzYxMTIxMTE1
MTQ2WjATMREwDwYDVQQDDAhzb21lYm9keTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABB5vU3KXhy6Y/DB1iDgrct6SvBXKDXfHbyFIuCnAi6LeFeZOhdSUw9486Pb5
r9CRyjS8qwCnUc7cM5Zh9RA+K16jUzBRMB0GA1UdDgQWBBRcaIV5DvIpmt5qUB4k
wCxGDz+aWDAfBgNVHSMEGDAWgBRcaIV5DvIpmt5qUB4kwCxGDz+aWDAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIBh26PdIdluBuCj6FuJfiR5iIeht
u64RJkgWQwrqf3PuAiEAvu4QF1n+SUhmwzk5dZ9QdVXU+M8qbvMCDxG8FCNYHFE=
-----END CERTIFICATE-----
`;

export const propCombinations = [
  { name: 'defaults', props: {} },
  {
    name: 'own CA with short lifetimes',
    props: { certificates: Certificates.ownCa({ caDuration: Duration.hours(2), leafDuration: Duration.minutes(30) }) },
  },
  {
    name: 'signing request',
    props: { certificates: Certificates.signingRequest({ signer: 'beta.eks.amazonaws.com/app-serving' }) },
  },
  {
    name: 'signing request with a known CA',
    props: { certificates: Certificates.signingRequest({ signer: 'example.com/serving', caBundle: somePem }) },
  },
  { name: 'any Secret', props: { certificates: Certificates.secret({ name: 'webhook-tls', caBundle: somePem }) } },
  {
    name: 'cert-manager with a CA of its own',
    needs: 'cert-manager',
    props: { certificates: Certificates.certManager() },
  },
  {
    name: 'cert-manager with a given issuer',
    needs: 'cert-manager',
    props: {
      certificates: Certificates.certManager({
        issuer: { name: 'company', kind: 'ClusterIssuer' },
        duration: Duration.days(30),
      }),
    },
  },
  {
    name: 'prometheus-operator',
    needs: 'prometheus-operator',
    props: { serviceMonitor: { interval: '30s', labels: { release: 'prometheus' } }, prometheusRule: {} },
  },
  {
    name: 'metrics on the port of reviews',
    needs: 'prometheus-operator',
    props: { metricsPort: 0, serviceMonitor: {}, networkPolicy: {} },
  },
  {
    name: 'everything for the scheduler',
    props: {
      imagePullPolicy: 'IfNotPresent',
      imagePullSecrets: ['registry'],
      autoscaling: { minReplicas: 2, maxReplicas: 5, cpuPercent: 70 },
      resources: {
        requests: { cpu: k8s.Quantity.fromString('100m') },
        limits: { memory: k8s.Quantity.fromString('256Mi') },
      },
      priorityClassName: '',
      tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: {} } },
          ],
        },
      },
      topologySpreadConstraints: [],
      labels: { team: 'identity' },
      annotations: { 'example.com/owner': 'identity' },
    },
  },
  {
    name: 'the network of the node',
    props: { hostNetwork: true, port: 10_443, metricsPort: 10_999, dnsPolicy: 'ClusterFirstWithHostNet', replicas: 1 },
  },
  { name: 'a port that takes a privilege', props: { port: 443 } },
  {
    name: 'everything of the registration',
    props: {
      failurePolicy: 'Fail',
      timeoutSeconds: 10,
      reinvocationPolicy: 'Never',
      namespaceSelector: {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] }],
      },
      objectSelector: { matchLabels: { app: 'yes' } },
      matchConditions: [{ name: 'no-host-network', expression: '!has(object.spec.hostNetwork)' }],
    },
  },
  {
    name: 'other names',
    props: {
      namespace: 'identity',
      serviceName: 'webhook',
      tlsSecret: 'webhook-tls',
      mutatingWebhookConfiguration: 'webhook.identity',
      annotationPrefix: 'iam.example.com',
    },
  },
  { name: 'the names of EKS', props: { compatibility: 'eks' } },
  {
    name: 'identities, a closed network and log files',
    props: {
      identities: [
        { namespace: 'default', serviceAccount: 'reader', roleArn: 'arn:aws:iam::111122223333:role/s3-reader' },
        {
          namespace: 'team-*',
          serviceAccount: 'writer',
          roleArn: 'arn:aws:iam::111122223333:role/s3-writer',
          audience: 'sts.amazonaws.com',
          useRegionalSts: true,
          tokenExpiration: 3600,
        },
      ],
      networkPolicy: {
        apiServerCidrs: ['10.0.0.0/16'],
        scraperNamespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
      },
      logDir: '/var/log/webhook',
      volumes: [{ name: 'log', emptyDir: {} }],
      volumeMounts: [{ name: 'log', mountPath: '/var/log/' }],
    },
  },
  {
    name: 'a URL instead of a Service',
    props: { url: 'https://webhook.example.com/mutate', certificates: Certificates.secret({ name: 'webhook-tls' }) },
  },
] as const satisfies readonly PropCombination[];
