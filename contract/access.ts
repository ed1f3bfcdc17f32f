/** Contract: what the server asks of the Kubernetes API; rendered as RBAC, and named in the fault when a right is missing. */

export interface AccessRule {
  readonly apiGroup: string;
  readonly resource: string;
  readonly verbs: readonly ('get' | 'list' | 'watch' | 'create' | 'update' | 'patch')[];
  /** `cluster`: in all namespaces; `own`: only in the webhook's. */
  readonly scope: 'cluster' | 'own';
  /** Why the server needs it. */
  readonly reason: string;
}

export const access = {
  serviceAccounts: {
    apiGroup: '',
    resource: 'serviceaccounts',
    verbs: ['get', 'list', 'watch'],
    scope: 'cluster',
    reason: 'to know the role of every service account',
  },
} as const satisfies Readonly<Record<string, AccessRule>>;
