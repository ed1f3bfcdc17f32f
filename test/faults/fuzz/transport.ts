/** Fuzz: mutators of the way a review is sent: media types, encodings of the content, chunks, paths. Leaves the review as it is. */
import zlib from 'node:zlib';
import type { Dice } from './dice.ts';
import type { Json } from './originals.ts';
import { encode } from './spots.ts';

/** A request as it is sent. */
export interface Wire {
  /** After the content's encoding. */
  readonly body: Buffer;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Without a length, in so many pieces. */
  readonly pieces?: number;
}

export type WireMutator = (review: Json, dice: Dice) => Wire;

const mediaTypes = [
  ...['', 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'json', 'application/json;', '/'],
  ...['application/json; charset=utf-16', 'application/json; charset=utf-7', 'application/json;charset="utf-8', ';'],
  ...['APPLICATION/JSON', 'application/json ; charset=UTF-8', 'application/json; charset=latin1', 'application/ json'],
  ...['application/vnd.kubernetes.protobuf', 'application/json, text/plain', 'multipart/form-data; boundary=x'],
  ...[`application/json; ${'a=b;'.repeat(1000)}`, `${' '.repeat(3000)};application/json`, 'application/json; charset='],
];

const encodings = [
  ...['gzip', 'deflate', 'br', 'identity', 'zstd', 'compress', '', 'GZIP', 'gzip, gzip', 'gzip;q=1', 'x-gzip', '*'],
  ...['__proto__', 'toString', ' ', 'gzip,', 'chunked'],
];

const queries = [
  ...['timeout=', 'timeout=0s', 'timeout=-1s', 'timeout=1e9s', 'timeout=10', 'timeout=NaN', 'timeout=3s&timeout=x'],
  ...['timeout=9999999h', 'timeout=1ns', 'timeout=%', 'timeout=%ff', '%', '&&&', '=', '__proto__=1', 'timeout[]=1s'],
  ...[`timeout=${'9'.repeat(4000)}s`, `${'a=b&'.repeat(1500)}`, 'timeout=3s#x', '?timeout=3s', 'timeout=1s1s1s'],
];

const paths = [
  ...[
    '//mutate',
    '/mutate/',
    '/mutate/..',
    '/%6dutate',
    '/mutate%00',
    '/MUTATE',
    '/',
    '/healthz',
    '/metrics',
    '*',
    'mutate',
  ],
  ...[
    'http://[',
    'http://[::1',
    'http://a:99999/mutate',
    'http://a/mutate',
    'https://%/mutate',
    '/..%2f',
    '/debug/alpha/deny',
  ],
  ...[`/${'a'.repeat(6000)}`, '/__proto__', '/constructor', '//[/mutate', 'http:', 'mailto:a@b', ':', '?'],
];

const packers = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: (body: Buffer) => zlib.brotliCompressSync(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
} as const;

type Packing = keyof typeof packers;
const packings = Object.keys(packers) as readonly Packing[];

function packed(
  review: Json,
  dice: Dice,
): { readonly body: Buffer; readonly headers: { 'content-encoding': Packing } } {
  const packing = dice.pick(packings);
  return { body: packers[packing](encode(review)), headers: { 'content-encoding': packing } };
}

const noise = (dice: Dice): Buffer => Buffer.from(Array.from({ length: dice.between(1, 300) }, () => dice.below(256)));

/** Every kind, by name. */
export const wireMutators = {
  'media type': (review, dice) => ({ body: encode(review), headers: { 'content-type': dice.pick(mediaTypes) } }),
  'encoding named wrongly': (review, dice) => ({
    body: encode(review),
    headers: { 'content-encoding': dice.pick(encodings) },
  }),
  compressed: packed,
  'compressed noise': (_review, dice) => ({
    body: dice.pick([packers.gzip, Buffer.from])(noise(dice)),
    headers: { 'content-encoding': dice.pick(packings) },
  }),
  'compressed and cut off'(review, dice) {
    const { body, headers } = packed(review, dice);
    return { body: body.subarray(0, dice.below(body.length)), headers };
  },
  'compressed and spoilt'(review, dice) {
    const { body, headers } = packed(review, dice);
    const at = dice.below(body.length);
    body[at] = (body[at] ?? 0) ^ (1 << dice.below(8));
    return { body, headers };
  },
  'compressed, with something behind it'(review, dice) {
    const { body, headers } = packed(review, dice);
    return { body: Buffer.concat([body, dice.pick([noise(dice), body])]), headers };
  },
  'in pieces': (review, dice) => ({ body: encode(review), pieces: dice.between(1, 40) }),
  'compressed, in pieces': (review, dice) => ({ ...packed(review, dice), pieces: dice.between(1, 10) }),
  query: (review, dice) => ({ body: encode(review), path: `/mutate?${dice.pick(queries)}` }),
  path: (review, dice) => ({ body: encode(review), path: dice.pick(paths) }),
} as const satisfies Readonly<Record<string, WireMutator>>;
