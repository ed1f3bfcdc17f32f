/** Fuzz: mutators of metadata.managedFields, which the server walks over without parsing. Leaves the rest of the review whole. */
import type { Dice } from './dice.ts';
import type { Json } from './originals.ts';
import { encode, isHolder, plant, put } from './spots.ts';
import { spoil, type TextMutator } from './text.ts';

const entry = {
  manager: 'kubelet "]}" \\',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { '.': {}, 'f:env': {} } } }, 'v:["\\"]': {} },
};

const key = '"managedFields":[';

/** The list's text between its brackets, or in the place of them. */
const tornLists = [
  ...[
    '[',
    '[[',
    '[{',
    '[}',
    '[]]',
    '[]}',
    '[{]',
    '[{}',
    '[{]}',
    '["',
    '["\\',
    '["\\"',
    '["]',
    '["\\\\"',
    '["\\"]',
    '[\\]',
  ],
  ...[
    '[1,2',
    '[{"a":"]"}',
    '[{"a":"}]"}]',
    '[x]',
    '[\0]',
    '["\n"]',
    '[,,,]',
    '[{"managedFields":[',
    '[{"managedFields":[]}]',
  ],
  ...[
    '[ ]',
    '{}',
    '{"0":[]}',
    '""',
    '"]"',
    'null',
    '5',
    '"[',
    '[[[[[[[[]]]]]]]]',
    '[{"a":{"b":{"c":[[[{}]]]}}}]',
    '[\ufeff]',
  ],
];

const namesLikeIt = [
  ...['"managed\\u0046ields":[{}]', '"\\"managedFields":[{"a":[', '"a\\\\"managedFields":[1]', '"managedFields" :[{}]'],
  ...[
    '"managedFields": [{}]',
    '"managedfields":[[]]',
    '"x":"\\"managedFields\\":["',
    '"x":"managedFields\\":[{"',
    '"\\\\\\"managedFields":[]',
  ],
];

/** Gives the pod's metadata a list of managed fields, if it has metadata. */
function withManagedFields(review: Json, value: unknown = [entry, entry]): Json {
  const { request } = review;
  const pod = isHolder(request) ? request.object : undefined;
  if (isHolder(pod) && isHolder(pod.metadata)) put({ holder: pod.metadata, key: 'managedFields' }, value);
  return review;
}

function withText(review: Json, text: string): string {
  return JSON.stringify(withManagedFields(review, 'here they are')).replace('"here they are"', () => text);
}

/** Returns where the list begins and ends, without its brackets. */
function listWithin(body: Buffer): readonly [from: number, to: number] {
  const from = body.indexOf(key) + key.length;
  const list = JSON.stringify([entry, entry]);
  return [from, from + Buffer.byteLength(list) - 2];
}

/** Every kind, by name. */
export const managedFieldsMutators = {
  'managedFields spoilt'(review, dice) {
    const body = encode(withManagedFields(review));
    return spoil(body, dice, listWithin(body));
  },
  'managedFields cut off'(review, dice) {
    const body = encode(withManagedFields(review));
    return body.subarray(0, dice.between(...listWithin(body)) + 1);
  },
  'managedFields torn': (review, dice) => Buffer.from(withText(review, dice.pick(tornLists))),
  'managedFields twice'(review, dice) {
    const lists = [dice.pick(tornLists), '[{"a":[{"b":"]"}]}]'];
    return Buffer.from(withText(review, `${lists[0]},"managedFields":${lists[1]}`));
  },
  'managedFields elsewhere': (review, dice) =>
    Buffer.from(plant(withManagedFields(review), dice, `{"managedFields":${dice.pick(tornLists)}}`)),
  'names like managedFields': (review, dice) =>
    Buffer.from(plant(withManagedFields(review), dice, `{${dice.pick(namesLikeIt)}}`)),
  'managedFields many'(review, dice) {
    const copies = Array.from({ length: dice.between(10, 200) }, () => entry);
    return encode(withManagedFields(review, copies));
  },
  'managedFields at the end'(review, dice) {
    const text = encode(review).toString().slice(0, -1);
    return Buffer.from(`${text},${key}${nested(dice)}`);
  },
} as const satisfies Readonly<Record<string, TextMutator>>;

function nested(dice: Dice): string {
  const depth = dice.between(1, 2000);
  return dice.pick(['[', '{"a":', '["', '"\\']).repeat(depth) + dice.pick([']', '}', '"', '\\', '']).repeat(depth);
}
