/** Charts: the webhook's rights, from contract/access; nothing that the server does not ask for. */
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { type AccessRule, access } from '../contract/access.ts';
import { clusterMetadata, metadata, type Settings } from './settings.ts';

/** The rights of the webhook's service account, in all namespaces and in its own. */
export class WebhookRights extends Construct {
  /** What it may do in all namespaces, and with objects that are in none. */
  readonly clusterRole: k8s.KubeClusterRole;
  readonly clusterRoleBinding: k8s.KubeClusterRoleBinding;
  /** What it may do in its own namespace; undefined where that is nothing. */
  readonly role: k8s.KubeRole | undefined;
  readonly roleBinding: k8s.KubeRoleBinding | undefined;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const { serviceName: name, namespace } = settings.config;
    const subjects = [{ kind: 'ServiceAccount', name, namespace }];
    const clusterWide = clusterMetadata(settings);
    const own = metadata(settings);
    this.clusterRole = new k8s.KubeClusterRole(this, 'cluster-role', {
      metadata: clusterWide,
      rules: rulesOf('cluster', settings),
    });
    this.clusterRoleBinding = new k8s.KubeClusterRoleBinding(this, 'cluster-role-binding', {
      metadata: clusterWide,
      roleRef: roleRef(this.clusterRole),
      subjects,
    });
    const rules = rulesOf('own', settings);
    if (rules.length === 0) return;
    this.role = new k8s.KubeRole(this, 'role', { metadata: own, rules });
    this.roleBinding = new k8s.KubeRoleBinding(this, 'role-binding', {
      metadata: own,
      roleRef: roleRef(this.role),
      subjects,
    });
  }
}

function roleRef({ kind, name }: k8s.KubeRole | k8s.KubeClusterRole): k8s.RoleRef {
  return { apiGroup: 'rbac.authorization.k8s.io', kind, name };
}

function rulesOf(scope: AccessRule['scope'], { flags }: Settings): k8s.PolicyRule[] {
  const rows: readonly AccessRule[] = Object.values(access);
  return rows
    .filter((row) => row.scope === scope && (row.isNeeded?.(flags) ?? true))
    .map(({ apiGroup, resource, verbs, objectName }) => ({
      apiGroups: [apiGroup],
      resources: [resource],
      ...(objectName && { resourceNames: [objectName(flags)] }),
      verbs: [...verbs],
    }));
}
