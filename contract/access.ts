/** Contract: what the server asks of the Kubernetes API; rendered as RBAC, and named in the fault when a right is missing. */
import { certificateMode } from './certificate-mode.ts';
import type { FlagProps } from './flags.ts';
import { flags } from './flags.ts';

export interface AccessRule {
  readonly apiGroup: string;
  readonly resource: string;
  readonly verbs: readonly ('get' | 'list' | 'watch' | 'create' | 'update' | 'patch')[];
  /** `cluster`: in all namespaces, or for what is in none; `own`: only in the webhook's. */
  readonly scope: 'cluster' | 'own';
  /** The only object that it needs, by the flags. RBAC cannot bind `create` to a name, so that has rules of its own. */
  readonly objectName?: (props: FlagProps) => string;
  /** Whether it is needed at all, by the flags. @default always */
  readonly isNeeded?: (props: FlagProps) => boolean;
  /** Why the server needs it. */
  readonly reason: string;
}

/** The ConfigMap of identities; its name is kOps' and has no flag. */
export const identityConfigMap = 'pod-identity-webhook';

/** Marks the Secret that the webhook made: one without it is somebody else's, and is neither changed nor removed. */
export const ownSecretLabel = { 'app.kubernetes.io/managed-by': 'pod-identity-webhook' } as const;

const hasIssuedCertificate = (props: FlagProps): boolean => certificateMode(props) !== 'files';
const tlsSecret = (props: FlagProps): string => props.tlsSecret ?? flags.tlsSecret.fallback;

export const access = {
  serviceAccounts: {
    apiGroup: '',
    resource: 'serviceaccounts',
    verbs: ['get', 'list', 'watch'],
    scope: 'cluster',
    reason: 'to know the role of every service account',
  },
  configMap: {
    apiGroup: '',
    resource: 'configmaps',
    verbs: ['get', 'list', 'watch'],
    scope: 'own',
    objectName: () => identityConfigMap,
    isNeeded: ({ watchConfigMap = flags.watchConfigMap.fallback }) => watchConfigMap,
    reason: 'to take identities from the ConfigMap',
  },
  secret: {
    apiGroup: '',
    resource: 'secrets',
    verbs: ['get', 'list', 'watch', 'update'],
    scope: 'own',
    objectName: tlsSecret,
    isNeeded: hasIssuedCertificate,
    reason: 'to keep the serving certificate, and to follow the one that another replica keeps',
  },
  secretCreation: {
    apiGroup: '',
    resource: 'secrets',
    verbs: ['create'],
    scope: 'own',
    isNeeded: hasIssuedCertificate,
    reason: 'to keep the first serving certificate',
  },
  registration: {
    apiGroup: 'admissionregistration.k8s.io',
    resource: 'mutatingwebhookconfigurations',
    verbs: ['get', 'list', 'watch', 'patch'],
    scope: 'cluster',
    objectName: ({ mutatingWebhookConfiguration = flags.mutatingWebhookConfiguration.fallback }) =>
      mutatingWebhookConfiguration,
    isNeeded: hasIssuedCertificate,
    reason: 'to tell the API server which CA to trust',
  },
  signingRequests: {
    apiGroup: 'certificates.k8s.io',
    resource: 'certificatesigningrequests',
    verbs: ['get', 'list', 'watch', 'create'],
    scope: 'cluster',
    isNeeded: (props) => certificateMode(props) === 'signing-request',
    reason: 'to ask the signer for a serving certificate',
  },
} as const satisfies Readonly<Record<string, AccessRule>>;
