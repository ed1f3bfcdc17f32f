/** Fuzz: finds places in a review, and puts there whatever is wanted, JSON or not. Chooses no values. */
import type { Dice } from './dice.ts';
import type { Json } from './originals.ts';

/** A field of an object, or an item of a list. */
export interface Spot {
  readonly holder: Json;
  readonly key: string;
}

/** Says whether the value is an object or a list. */
export function isHolder(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

/** Walks down from the review, or in most cases from its pod, and stops anywhere. */
export function pickSpot(review: Json, dice: Dice): Spot {
  const { request } = review;
  const pod = isHolder(request) ? request.object : undefined;
  let holder = isHolder(pod) && Object.keys(pod).length > 0 && dice.chance(0.75) ? pod : review;
  for (;;) {
    const key = dice.pick(Object.keys(holder));
    const value = holder[key];
    if (!isHolder(value) || Object.keys(value).length === 0 || dice.chance(0.2)) return { holder, key };
    holder = value;
  }
}

/** Returns an object or list of the review. */
export function pickHolder(review: Json, dice: Dice): Json {
  return pickSpot(review, dice).holder;
}

/** Sets a field of its own of any name, `__proto__` included; save that a list has no other length than its own. */
export function put({ holder, key }: Spot, value: unknown): void {
  if (Array.isArray(holder) && key === 'length') return;
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Puts a value somewhere in the review. */
export function putAnywhere(review: Json, dice: Dice, value: unknown): void {
  put(pickSpot(review, dice), value);
}

/** Returns a holder's fields in the order of its keys. */
export function entriesOf(holder: Json): [string, unknown][] {
  return Object.keys(holder).map((key) => [key, holder[key]]);
}

/** Returns the review as JSON. */
export function encode(review: unknown): Buffer {
  return Buffer.from(JSON.stringify(review));
}

const marker = 'here it is to stand';

/** Returns the review as text, with the text somewhere in the place of a value: what JSON.stringify does not write. */
export function plant(review: Json, dice: Dice, text: string): string {
  putAnywhere(review, dice, marker);
  return JSON.stringify(review).replace(`"${marker}"`, () => text);
}
