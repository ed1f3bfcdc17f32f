/** Fuzz: reviews that are as large or as deep as the limit of bodies allows, and some beyond it. Rare: each takes as long as a hundred others. */
import zlib from 'node:zlib';
import type { Dice } from './dice.ts';
import type { Json } from './originals.ts';
import { encode, isHolder, plant, put } from './spots.ts';
import type { Wire, WireMutator } from './transport.ts';

/** The webhook's own limit, by default. */
export const limitBytes = 3 * 1024 * 1024;

/** Room for the review around it. */
const roomBytes = limitBytes - 250_000;

/** Returns as many items as fit, each a text from its number. */
function fill(text: (i: number) => string, bytes = roomBytes): string {
  const items: string[] = [];
  for (let left = bytes; left > 0; left -= (items.at(-1) ?? '').length + 1) items.push(text(items.length));
  return items.join(',');
}

/** Sets a field of the pod's spec or metadata to a text, which need not be JSON. */
function withPart(review: Json, part: 'spec' | 'metadata', [key, text]: readonly [key: string, text: string]): Wire {
  const { object } = review.request as { readonly object: Json };
  if (!isHolder(object[part])) put({ holder: object, key: part }, {});
  put({ holder: object[part] as Json, key }, 'the giant');
  return { body: Buffer.from(JSON.stringify(review).replace('"the giant"', () => text)) };
}

const strangeUnits = ['x', 'é', '\u2028', '💥', '\\ud800', '\\"', ' ', ',', '\\u0000', '/'];

const deepPairs = [
  ['[', ']'],
  ['{"a":', '}'],
  ['[{"name":', '}]'],
] as const;

function abyss(dice: Dice): string {
  const [open, close] = dice.pick(deepPairs);
  const depth = Math.floor((dice.fraction() * roomBytes) / (open.length + close.length));
  return open.repeat(depth) + (dice.chance(0.5) ? 'null' : '1') + close.repeat(depth);
}

const path = '/var/run/secrets/eks.amazonaws.com/serviceaccount';

/** Every kind, by name. */
export const giants = {
  '10,000 containers': (review, dice) => {
    const container = dice.pick(['"env":[]', '"volumeMounts":null', '"env":[{"name":"AWS_ROLE_ARN"}]', '"x":0']);
    const containers = Array.from({ length: 10_000 }, (_, i) => `{"name":"c${i}",${container}}`);
    return withPart(review, 'spec', [dice.pick(['containers', 'initContainers']), `[${containers}]`]);
  },
  'as many containers as fit': (review, dice) =>
    withPart(review, 'spec', ['containers', `[${fill((i) => `{"name":"${i}"}`, dice.between(1, 10) * 100_000)}]`]),
  'as many volumes as fit': (review) =>
    withPart(review, 'spec', ['volumes', `[${fill((i) => `{"name":"aws-iam-token${i && `-${i}`}"}`)}]`]),
  'as many mounts as fit': (review) => {
    const mounts = fill((i) => `{"name":"v","mountPath":"${path}${i && `-${i}`}"}`);
    return withPart(review, 'spec', ['containers', `[{"name":"app","volumeMounts":[${mounts}]}]`]);
  },
  'as many annotations as fit': (review, dice) => {
    const key = dice.pick(['eks.amazonaws.com/skip-container', 'eks.amazonaws.co', 'role-ar', 'k', '0', '']);
    return withPart(review, 'metadata', ['annotations', `{${fill((i) => `"${key}${i}":"x"`)}}`]);
  },
  'a list as long as fits': (review, dice) => {
    const lists = ['skip-containers', 'include-containers'].map((name) => `"eks.amazonaws.com/${name}"`);
    const text = dice.pick(['a,', '\\"a\\",', '\\"', ' ', ',', '\\"\\"', '💥']).repeat(roomBytes / 8);
    return withPart(review, 'metadata', ['annotations', `{${dice.pick(lists)}:"${text}"}`]);
  },
  'a huge text': (review, dice) => {
    const unit = dice.pick(strangeUnits);
    const text = unit.repeat((roomBytes * dice.fraction()) / Buffer.byteLength(unit));
    return { body: Buffer.from(plant(review, dice, `"${text}"`)) };
  },
  'a huge uid': (review, dice) => {
    const unit = dice.pick(strangeUnits);
    put({ holder: review.request as Json, key: 'uid' }, 'the giant');
    const text = unit.repeat(roomBytes / Buffer.byteLength(unit));
    return { body: Buffer.from(JSON.stringify(review).replace('the giant', () => text)) };
  },
  'a huge key': (review, dice) => {
    const key = dice.pick(strangeUnits).repeat(roomBytes / 8);
    return { body: Buffer.from(plant(review, dice, `{"${key}":1}`)) };
  },
  'an abyss': (review, dice) => ({ body: Buffer.from(plant(review, dice, abyss(dice))) }),
  'an abyss of containers': (review, dice) => withPart(review, 'spec', ['containers', abyss(dice)]),
  'an abyss without end': (_review, dice) => ({ body: Buffer.from(dice.pick(deepPairs)[0].repeat(roomBytes / 10)) }),
  'an abyss in managedFields': (review, dice) => withPart(review, 'metadata', ['managedFields', `[${abyss(dice)}]`]),
  'as many empty objects as fit': (review, dice) => {
    const item = dice.pick(['{}', '[]', '0', '""', '{"a":1}', '1.5']);
    return { body: Buffer.from(plant(review, dice, `[${fill(() => item)}]`)) };
  },
  'as many keys as fit': (review, dice) => {
    const key = dice.pick(['k', '', '-', '4294']);
    return { body: Buffer.from(plant(review, dice, `{${fill((i) => `"${key}${i * 7}":${i}`)}}`)) };
  },
  'a huge number': (review, dice) => {
    const number = dice.pick(['1', '0.', '1e', '-']) + '9'.repeat(dice.between(1, 20) * 100_000);
    return { body: Buffer.from(plant(review, dice, number)) };
  },
  'blanks only': (_review, dice) => ({ body: Buffer.from(dice.pick([' ', '\n', '\0', '[]', '\\']).repeat(1_000_000)) }),
  'over the limit': (review, dice) => ({
    body: Buffer.concat([encode(review), Buffer.alloc(limitBytes, dice.pick([' ', '\0', '[']))]),
    ...(dice.chance(0.5) && { pieces: dice.between(2, 100) }),
  }),
  'over the limit when unpacked': (review, dice) => {
    const whole = Buffer.concat([encode(review), Buffer.alloc(limitBytes * dice.between(1, 30), ' ')]);
    return dice.chance(0.5)
      ? { body: zlib.gzipSync(whole, { level: 1 }), headers: { 'content-encoding': 'gzip' } }
      : { body: zlib.deflateSync(whole, { level: 1 }), headers: { 'content-encoding': 'deflate' } };
  },
} as const satisfies Readonly<Record<string, WireMutator>>;
