/** Charts: names, labels and selectors, once. */

/** A pod with this label, whatever its value, is left alone. The server knows it as well. */
export const skipLabel = 'eks.amazonaws.com/skip-pod-identity-webhook';

/** The kubelet marks the mirrors of static pods with this annotation. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** The name of the entry in the registration. */
export const webhookName = 'pod-identity-webhook.amazonaws.com';

/** The container's ports by name. */
export const portNames = { reviews: 'https', metrics: 'metrics' } as const;

/** Returns the labels that tell the pods of a webhook from all others. */
export function selectorLabels(serviceName: string): Record<string, string> {
  return { 'app.kubernetes.io/name': 'pod-identity-webhook', 'app.kubernetes.io/instance': serviceName };
}
