/** Core, second stage, with a memory: what is resolved for one pod is so for most pods of the same service account. Decides nothing. */
import { readAnnotations } from './annotations.ts';
import { type IdentitySettings, type Resolution, resolveIdentity } from './identity.ts';
import type { IdentityFacts, Pod, ServiceAccountRef } from './types.ts';

/** Returns the identity that the pod's containers are to have. */
export type Resolver = (pod: Pod, account: ServiceAccountRef, facts: IdentityFacts) => Resolution;

/** Pods come in bursts of the same few accounts. What is remembered of one takes some 3 kB. */
const mostRemembered = 512;

/**
 * Returns a resolver with these settings. Facts never change: an account that does is given others. So the very same
 * identity is returned for all pods that say nothing themselves, unless a part of it is drawn for each.
 * @param random see IdentityInput
 */
export function createResolver(settings: IdentitySettings, random: () => number): Resolver {
  const remembered = new Map<IdentityFacts, { readonly name: string; readonly resolution: Resolution }>();
  return (pod, account, facts) => {
    const onPod = readAnnotations(pod.metadata?.annotations ?? {}, settings.annotationPrefix);
    const known = onPod.isSilent ? remembered.get(facts) : undefined;
    // accounts of which nothing is known share their facts, and warnings name the account
    if (known?.name === account.name) return known.resolution;
    let isLasting = onPod.isSilent;
    const draw = (): number => {
      isLasting = false;
      return random();
    };
    const resolution = resolveIdentity({ account, facts, onPod, settings, random: draw });
    if (!isLasting) return resolution;
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(facts, { name: account.name, resolution });
    return resolution;
  };
}
