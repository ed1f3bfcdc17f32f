/** Core, second stage, with a memory: what is resolved for one pod holds for most pods of the same service account. Decides no identity. */
import { readAnnotations } from './annotations.ts';
import { type IdentitySettings, type Resolution, resolveIdentity } from './identity.ts';
import { planUsual, type Usual } from './plan.ts';
import type { IdentityFacts, Pod, ServiceAccountRef } from './types.ts';

/** What is resolved, and what the identity gives the usual pod, where that was made before. */
export interface Resolved extends Resolution {
  readonly usual?: Usual;
}

/** Returns the identity that the pod's containers are to have. */
export type Resolver = (pod: Pod, account: ServiceAccountRef, facts: IdentityFacts) => Resolved;

/** What was resolved for the last pod of an account that said nothing itself. */
interface Remembered {
  readonly name: string;
  readonly facts: IdentityFacts;
  readonly resolved: Resolved;
}

/** Pods come in bursts of few accounts; each takes some 3 kB here. */
const places = 512;
/** An account's annotations may have 256 KiB, and what is made of them a multiple. A role and a region have some hundred. */
const mostCharacters = 1024;

/**
 * Returns a resolver with these settings. Every account has a place to be remembered in, by its name, and may find another
 * one's there. Facts never change: they are others when the account is, and where a source makes them anew for each
 * lookup nothing is gained, or lost. The usual plan is made when the same facts come for the second time.
 * @param random see IdentityInput
 */
export function createResolver(settings: IdentitySettings, random: () => number): Resolver {
  const memory = new Array<Remembered | undefined>(places).fill(undefined);
  return (pod, account, facts) => {
    const onPod = readAnnotations(pod.metadata?.annotations ?? {}, settings.annotationPrefix);
    const place = placeOf(account.name);
    const known = onPod.isSilent ? memory[place] : undefined;
    const isKnown = known !== undefined && known.facts === facts && known.name === account.name;
    if (isKnown && known.resolved.usual) return known.resolved;
    const resolved = isKnown ? withUsual(known.resolved) : resolveIdentity({ account, facts, onPod, settings, random });
    if (onPod.isSilent && isMemorable(resolved, facts)) memory[place] = { name: account.name, facts, resolved };
    return resolved;
  };
}

/** Says whether it is worth a memory: there is an identity, the same for the next pod, and the account has little to say. */
function isMemorable({ granted }: Resolution, { annotations, configMap }: IdentityFacts): boolean {
  if (granted === undefined || granted.identity.isDrawn) return false;
  let characters = (configMap?.roleArn?.length ?? 0) + (configMap?.audience?.length ?? 0);
  for (const key in annotations) characters += key.length + (annotations[key]?.length ?? 0);
  return characters <= mostCharacters;
}

function withUsual(resolved: Resolved): Resolved {
  const { granted } = resolved;
  return granted === undefined ? resolved : { ...resolved, usual: planUsual(granted.identity) };
}

function placeOf(name: string): number {
  let hash = 0;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash, 31) + name.charCodeAt(at);
  return (hash >>> 0) % places;
}
