/** IO: decides what to serve, publish and write next, from what is known. Pure; makes no certificates. */
import type { Authority, Bundle } from './authorities.ts';
import type { Kept, Leaf } from './kept.ts';

/** All that decides. */
export interface Situation {
  /** What the Secret keeps; undefined: nothing of use, or there is no Secret. */
  readonly kept: Kept | undefined;
  /** What it kept when it last was of use. */
  readonly remembered: Kept | undefined;
  /** The caBundle of each of our entries in the registration, as last seen. */
  readonly live: readonly Bundle[];
  /** For how long a CA has been in all of them, in milliseconds; undefined: it is not. */
  readonly liveForMs: (authority: string) => number | undefined;
  readonly serving: Leaf | undefined;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** From 0 to 1, each replica's own: so that not all do the same work at the same time. */
  readonly spread: number;
  /** Lifetime of new leaves, in milliseconds. */
  readonly leafMs: number;
}

/** What to keep instead of what is kept; the new parts are still to be made. */
export interface Writing {
  /** Parts that stay; undefined: everything is new. */
  readonly base: Kept | undefined;
  /** The CAs of the base that are still trusted. */
  readonly authorities: readonly Authority[];
  readonly isAuthorityNew: boolean;
  readonly isLeafNew: boolean;
}

export interface Decision {
  /** Undefined: nothing can be served yet. */
  readonly serve: Leaf | undefined;
  /** What each entry must trust instead; undefined: it is right. */
  readonly publish: readonly (readonly Authority[] | undefined)[];
  readonly write: Writing | undefined;
  /** When time alone changes the decision, in milliseconds since 1970; none: never. */
  readonly turns: readonly number[];
}

/** By then every API server has seen a change of the registration: they follow it, and lag by far less. */
const settleMs = 5_000;

/** Returns what to do next. Doing a part of it, or doing it twice, harms nothing. */
export function decide(situation: Situation): Decision {
  const { kept, remembered } = situation;
  const serve = chooseLeaf(situation);
  const write = planWriting(situation);
  const now = { ...situation, serving: serve };
  const publish = situation.live.map((bundle) => (kept ? tryCorrect(bundle, kept, now) : undefined));
  const turns = turnsOf(kept ?? remembered, situation).filter((ms) => ms > situation.nowMs);
  return { serve, publish, write, turns };
}

/** How long a CA must have been published before it is relied on; no part of it is waited when nothing else is served. */
export function settlingMs({ leafMs, spread }: Pick<Situation, 'leafMs' | 'spread'>): number {
  return Math.min(settleMs, leafMs / 12) * (1 + spread);
}

/** When to renew: two thirds of the lifetime, then within a thirtieth of it. */
export function dueMs({ madeMs, endMs }: Pick<Leaf, 'madeMs' | 'endMs'>, spread: number): number {
  return madeMs + Math.max(0, endMs - madeMs) * (2 / 3 + spread / 30);
}

/** A leaf whose CA is not live is never taken up; one that is served gives way only to one that every API server accepts. */
function chooseLeaf(situation: Situation): Leaf | undefined {
  const { kept, serving } = situation;
  const next = kept?.leaf;
  if (next === undefined || !isGood(next, situation)) return serving;
  if (serving === undefined || !isGood(serving, situation)) return next;
  const { cert, key } = serving.pair;
  if (next.pair.cert === cert && next.pair.key === key) return serving;
  return next.issuer === serving.issuer || isSettled(next.issuer, situation) ? next : serving;
}

function isGood({ endMs, issuer }: Leaf, { nowMs, liveForMs }: Situation): boolean {
  return nowMs < endMs && liveForMs(issuer) !== undefined;
}

function isSettled(authority: string, situation: Situation): boolean {
  return (situation.liveForMs(authority) ?? -1) >= settlingMs(situation);
}

function planWriting(situation: Situation): Writing | undefined {
  const { kept, remembered, nowMs, spread } = situation;
  const base = kept ?? remembered;
  if (base === undefined) return { base, authorities: [], isAuthorityNew: true, isLeafNew: true };
  const { leaf } = base;
  const [newest] = base.authorities;
  const hasUse = leaf !== undefined && nowMs < leaf.endMs;
  const isAuthorityNew = base.authorityKey === undefined || nowMs >= dueMs(newest, spread);
  const isDue = hasUse && (leaf.issuer !== newest.pem || nowMs >= dueMs(leaf, spread));
  const isLeafNew = !hasUse || (isDue && !isAuthorityNew && isSettled(newest.pem, situation));
  const authorities = base.authorities.filter((authority) => !isRetired(authority, base, situation));
  const isSame = !isAuthorityNew && !isLeafNew && authorities.length === base.authorities.length;
  return kept && isSame ? undefined : { base, authorities, isAuthorityNew, isLeafNew };
}

/**
 * An older CA is trusted until the last leaf that it can have signed has ended: its key was given up when the newest
 * was made. So a replica that hears of nothing can go on with the leaf that it has.
 */
function isRetired({ pem, endMs }: Authority, { authorities, leaf }: Kept, { nowMs, leafMs }: Situation): boolean {
  const [newest] = authorities;
  if (pem === newest.pem || pem === leaf?.issuer) return false;
  return nowMs >= Math.min(endMs, newest.madeMs + leafMs);
}

/** Returns what an entry must trust instead of what it does: all that is kept, and what someone may still serve. */
function tryCorrect({ authorities: live, hasOther }: Bundle, kept: Kept, situation: Situation) {
  const ours = new Set(kept.authorities.map(({ pem }) => pem));
  const strangers = live.filter(({ pem }) => !ours.has(pem));
  const others = strangers.filter((authority) => isStillNeeded(authority, kept, situation));
  const isSame = others.length === strangers.length && live.length === ours.size + others.length;
  return isSame && !hasOther ? undefined : [...kept.authorities, ...others];
}

/** A newer CA comes from a Secret that this replica has not seen yet; an older one from a Secret that was lost, or a mode that was left. */
function isStillNeeded({ pem, madeMs, endMs }: Authority, { authorities }: Kept, situation: Situation): boolean {
  const { nowMs, leafMs, serving } = situation;
  if (nowMs >= endMs) return false;
  const [newest] = authorities;
  return madeMs > newest.madeMs || nowMs < newest.madeMs + leafMs || pem === serving?.issuer;
}

function turnsOf(state: Kept | undefined, situation: Situation): readonly number[] {
  if (state === undefined) return [];
  const { nowMs, spread, leafMs } = situation;
  const [newest, ...older] = state.authorities;
  const leaf = state.leaf ? [dueMs(state.leaf, spread), state.leaf.endMs] : [];
  const retired = older.flatMap(({ endMs }) => [endMs, newest.madeMs + leafMs]);
  const settled = nowMs + settlingMs(situation) - (situation.liveForMs(newest.pem) ?? 0);
  return [dueMs(newest, spread), ...leaf, ...retired, settled];
}
