/** Charts: what the API server asks the webhook about, and where it finds it. */
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { routes } from '../contract/routes.ts';
import { knownCaBundle } from './certificates.ts';
import { given } from './given.ts';
import { mirrorAnnotation, skipLabel, webhookName } from './labels.ts';
import { servicePort } from './service.ts';
import { clusterMetadata, type Settings } from './settings.ts';

/** The registration. Where the webhook keeps the caBundle, the key is absent: applied again, it stays as it is. */
export class WebhookRegistration extends k8s.KubeMutatingWebhookConfiguration {
  constructor(scope: Construct, id: string, settings: Settings) {
    const { annotations, ...rest } = clusterMetadata(settings);
    super(scope, id, {
      metadata: given({ ...rest, annotations: { ...annotations, ...caInjection(settings) } }),
      webhooks: [entry(settings)],
    });
  }
}

/** cert-manager's CA injector fills in the caBundle. @see https://cert-manager.io/docs/concepts/ca-injector/ */
function caInjection({ props, config }: Settings): Record<string, string> {
  if (props.certificates?.kind !== 'cert-manager') return {};
  return { 'cert-manager.io/inject-ca-from': `${config.namespace}/${config.serviceName}` };
}

function entry(settings: Settings): k8s.MutatingWebhook {
  const { props, timeoutSeconds } = settings;
  return given({
    name: webhookName,
    clientConfig: clientConfig(settings),
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: 'Namespaced' }],
    admissionReviewVersions: ['v1', 'v1beta1'],
    sideEffects: 'None',
    matchPolicy: 'Equivalent',
    failurePolicy: props.failurePolicy ?? 'Ignore',
    reinvocationPolicy: props.reinvocationPolicy ?? 'IfNeeded',
    timeoutSeconds,
    namespaceSelector: props.namespaceSelector ?? defaultNamespaces(settings),
    objectSelector: objectSelector(props.objectSelector),
    matchConditions: [noMirrors(), ...(props.matchConditions ?? [])],
  });
}

function clientConfig({ props, config }: Settings): k8s.WebhookClientConfig {
  const pem = knownCaBundle(props.certificates);
  const service = {
    name: config.serviceName,
    namespace: config.namespace,
    path: routes.mutate,
    port: servicePort,
  };
  return { ...(props.url ? { url: props.url } : { service }), ...(pem && { caBundle: btoa(pem) }) };
}

/** Where pods fail closed, the cluster must start and the webhook's namespace fill up while no webhook answers. */
function defaultNamespaces({ props, config }: Settings): k8s.LabelSelector | undefined {
  if (props.failurePolicy !== 'Fail') return undefined;
  const values = [...new Set(['kube-system', config.namespace])];
  return { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values }] };
}

function objectSelector(own: k8s.LabelSelector = {}): k8s.LabelSelector {
  const unskipped = { key: skipLabel, operator: 'DoesNotExist' };
  return { ...own, matchExpressions: [unskipped, ...(own.matchExpressions ?? [])] };
}

/** The API server refuses the mirror of a static pod that projects a token. */
function noMirrors(): k8s.MatchCondition {
  const annotations = 'object.metadata.annotations';
  return { name: 'no-mirror-pods', expression: `!has(${annotations}) || !('${mirrorAnnotation}' in ${annotations})` };
}
