/** Renders charts for tests: props -> manifests, and the faults of synth. */
import { App, Chart, Testing } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { PodIdentityWebhook, PodIdentityWebhookChart, type PodIdentityWebhookProps } from '../../charts/index.ts';

/** A manifest, as far as tests look into all kinds alike. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export const image = 'registry.example/pod-identity-webhook:1';

/** Returns the manifests of the webhook's chart, in their order. */
export function renderChart(props: Partial<PodIdentityWebhookProps> = {}): readonly Manifest[] {
  return Testing.synth(new PodIdentityWebhookChart(new App(), 'webhook', { image, ...props }));
}

/** Returns the only manifest of the kind, as the type that the test looks into. */
export function find<T>(manifests: readonly Manifest[], kind: string, name?: string): Manifest & T {
  const found = manifests.filter((one) => one.kind === kind && (name === undefined || one.metadata.name === name));
  if (found.length !== 1) throw new Error(`${found.length} manifests are a ${kind} ${name ?? ''}`);
  return found[0] as Manifest & T;
}

/** Returns the spec of the webhook's pods. */
export function podOf(manifests: readonly Manifest[]): k8s.PodSpec {
  const deployment = find<{ readonly spec: { readonly template: { readonly spec: k8s.PodSpec } } }>(
    manifests,
    'Deployment',
  );
  return deployment.spec.template.spec;
}

/** Returns the webhook's container. */
export function containerOf(manifests: readonly Manifest[]): k8s.Container {
  const [container, ...others] = podOf(manifests).containers;
  if (!container || others.length > 0) throw new Error('there is not one container');
  return container;
}

/** Returns the lines of the error at synth, without the path of the construct; none when there is none. */
export function synthFaults(props: object): readonly string[] {
  const chart = new Chart(new App(), 'chart');
  new PodIdentityWebhook(chart, 'webhook', props as PodIdentityWebhookProps);
  try {
    Testing.synth(chart);
    return [];
  } catch (error) {
    const [, ...lines] = (error as Error).message.split('\n');
    return lines.map((line) => line.replace(/^ *\[chart\/webhook\] /, ''));
  }
}
