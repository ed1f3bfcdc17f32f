/** IO: which entries of a MutatingWebhookConfiguration are ours, and how their caBundle is changed. Sends nothing. */
import { isObject } from '../../core/json.ts';
import type { KubeObject } from '../kube/watch-event.ts';
import { type Authority, type Bundle, bundleText, readBundle } from './authorities.ts';
import { type ServiceRef, serviceNames } from './service-names.ts';

/** An entry that leads to the webhook. */
export interface Entry {
  /** Where it stands among all entries. */
  readonly index: number;
  readonly bundle: Bundle;
}

/**
 * Returns the entries that lead to our Service: by its name, or by a URL with its host name. An entry with another URL
 * is left alone: no certificate of the Service is good for it.
 */
export function ourEntries(registration: KubeObject, service: ServiceRef): readonly Entry[] {
  const webhooks = Array.isArray(registration.webhooks) ? registration.webhooks : [];
  return webhooks.flatMap((webhook: unknown, index) => {
    const config = isObject(webhook) && isObject(webhook.clientConfig) ? webhook.clientConfig : {};
    if (!leadsTo(config, service)) return [];
    const encoded = typeof config.caBundle === 'string' ? config.caBundle : '';
    return [{ index, bundle: readBundle(Buffer.from(encoded, 'base64').toString()) }];
  });
}

function leadsTo(config: Readonly<Record<string, unknown>>, ref: ServiceRef): boolean {
  const { service, url } = config;
  if (isObject(service)) return service.name === ref.serviceName && service.namespace === ref.namespace;
  const [verified, ...others] = serviceNames(ref);
  return typeof url === 'string' && URL.canParse(url) && [verified, others.at(-1)].includes(new URL(url).hostname);
}

/** The JSON patch that gives entries their caBundle, if nobody has changed the registration since. */
export function bundlePatch(
  registration: KubeObject,
  bundles: ReadonlyMap<number, readonly Authority[]>,
): readonly object[] {
  const { resourceVersion } = registration.metadata;
  const changes = [...bundles].map(([index, authorities]) => ({
    op: 'add',
    path: `/webhooks/${index}/clientConfig/caBundle`,
    value: Buffer.from(bundleText(authorities)).toString('base64'),
  }));
  return [{ op: 'test', path: '/metadata/resourceVersion', value: resourceVersion }, ...changes];
}
