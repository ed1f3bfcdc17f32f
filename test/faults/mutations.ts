/** Fault suites: makes the reviews of the fuzz suite, each from the run's seed and its own number alone. Sends nothing. */
import { Dice } from './fuzz/dice.ts';
import { giants } from './fuzz/giants.ts';
import { managedFieldsMutators } from './fuzz/managed-fields.ts';
import { type Json, pickOriginal, secret } from './fuzz/originals.ts';
import { encode } from './fuzz/spots.ts';
import { severalAtOnce, type TreeMutator, treeMutators } from './fuzz/structure.ts';
import { type TextMutator, textMutators } from './fuzz/text.ts';
import { type Wire, type WireMutator, wireMutators } from './fuzz/transport.ts';

/** A request that is to be survived. */
export interface Mutation extends Wire {
  /** What was done to the review. */
  readonly kind: string;
}

/** A kind of mutation; kinds are as frequent as their weights. */
interface Row {
  readonly kind: string;
  readonly weight: number;
  readonly mutate: WireMutator;
}

const ofTree =
  (mutate: TreeMutator): WireMutator =>
  (review, dice) => {
    mutate(review, dice);
    const isMoved = mutate === severalAtOnce || mutate === treeMutators['parts exchanged'];
    // a secret in the place of a name or a version may be repeated
    return { body: isMoved ? Buffer.from(JSON.stringify(review).replaceAll(secret, 'moved')) : encode(review) };
  };

const ofText =
  (mutate: TextMutator): WireMutator =>
  (review, dice) => ({ body: mutate(review, dice) });

function rows<T>(table: Readonly<Record<string, T>>, weight: number, as: (mutate: T) => WireMutator): readonly Row[] {
  return Object.entries(table).map(([kind, mutate]) => ({ kind, weight, mutate: as(mutate) }));
}

/** A few hundred giants in 100,000 reviews. Compressed bodies take ten times as long as plain ones. */
const table: readonly Row[] = [
  { kind: 'intact', weight: 20, mutate: (review) => ({ body: encode(review) }) },
  { kind: 'several at once', weight: 60, mutate: ofTree(severalAtOnce) },
  ...rows<TreeMutator>(treeMutators, 20, ofTree),
  ...rows<TextMutator>(textMutators, 20, ofText),
  ...rows<TextMutator>(managedFieldsMutators, 20, ofText),
  ...rows<WireMutator>(wireMutators, 10, (mutate) => mutate),
  ...rows<WireMutator>(giants, 0.2, (mutate) => mutate),
];

/** Every kind of mutation. */
export const kinds: readonly string[] = table.map(({ kind }) => kind);

/** Returns the review of that number. */
export function mutation(seed: number, number: number): Mutation {
  const dice = new Dice(seed, number);
  return mutationBy(dice.pickWeighted(table), dice);
}

/** Returns a review of that kind. @throws for a kind that is not there */
export function mutationOf(kind: string, dice: Dice): Mutation {
  const row = table.find((one) => one.kind === kind);
  if (row === undefined) throw new Error(`there is no kind ${kind}`);
  return mutationBy(row, dice);
}

function mutationBy({ kind, mutate }: Row, dice: Dice): Mutation {
  const review: Json = pickOriginal(dice);
  return { kind, ...mutate(review, dice) };
}
