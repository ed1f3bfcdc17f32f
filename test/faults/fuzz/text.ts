/** Fuzz: mutators of a review as bytes: flipped, cut, encoded otherwise, or no JSON at all. Knows no fields. */
import type { Dice } from './dice.ts';
import { type Json, secret } from './originals.ts';
import { encode, plant } from './spots.ts';

/** Returns the body of the request. */
export type TextMutator = (review: Json, dice: Dice) => Buffer;

const signs = Buffer.from('{}[]",:\\0-.eEtfn \n\0');

const wrongUtf8 = [
  ...[[0xff], [0xfe, 0xff], [0x80], [0xc0, 0xaf], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]],
  ...[[0xe2, 0x82], [0xf0, 0x9f, 0x92], [0xc3], [0xe0, 0x80, 0xa2], [0xed, 0xb0, 0x80, 0xed, 0xa0, 0x80]],
].map((bytes) => Buffer.from(bytes));

const numbers = [
  ...['1e999', '-1e999', '1e-999', '-0', '0.1e-0', '123456789012345678901234567890', `1${'0'.repeat(400)}`],
  ...[`0.${'9'.repeat(5000)}`, `1e${'9'.repeat(1000)}`, '18446744073709551616', '01', '+1', '.5', '1.', '0x10', '1_0'],
];

const dialects = [
  ...['NaN', 'Infinity', '-Infinity', 'undefined', "'x'", '/* x */ 1', '1 // x\n', '[1,]', '{"a":1,}', '{a:1}', '[,]'],
  ...['"\\x41"', '"\\u12"', '"\\ud800"', '"\\udc00\\ud800"', '"\n"', '"\t"', 'True', 'nul', '{"a"}', '{"a":}', '{:1}'],
  ...[
    '"\\u0000"',
    '{"a":1 "b":2}',
    '[1 2]',
    '\u00a01',
    '\ufeff1',
    '{"\\u005f\\u005fproto__":{"kind":"Pod"}}',
    '"a" "b"',
  ],
];

const otherBodies = [
  ...[
    '',
    ' ',
    '\n\n',
    'null',
    'true',
    '0',
    '""',
    '[]',
    '{}',
    '{"request":null}',
    '[{}]',
    '"AdmissionReview"',
    '{',
    '[',
  ],
  ...[
    '\0',
    '<xml/>',
    'kind: AdmissionReview\n',
    'a=b&c=d',
    '\ufeff',
    '{"kind":"AdmissionReview"}',
    '-',
    '"',
    '\\',
    '//',
  ],
];

const duplicable = [
  ...['"kind":"x"', '"apiVersion":null', '"request":{}', '"request":null', '"uid":"other"', '"object":{}', '"spec":5'],
  ...['"metadata":[]', '"containers":[]', '"containers":5', '"name":"x"', '"name":null', '"env":{}', '"__proto__":{}'],
  ...['"namespace":"other"', '"volumeMounts":"x"', '"managedFields":[{}]', '"serviceAccountName":"ghost"'],
];

/** Puts bytes at a place of the body, in the place of so many. */
function splice(body: Buffer, at: number, bytes: Buffer | string, replaced = 0): Buffer {
  return Buffer.concat([body.subarray(0, at), Buffer.from(bytes), body.subarray(at + replaced)]);
}

function span(body: Buffer, dice: Dice): readonly [from: number, to: number] {
  const from = dice.below(body.length);
  return [from, Math.min(body.length, from + dice.between(1, dice.pick([4, 40, 400])))];
}

/** Returns the places where the sign stands. */
function placesOf(sign: string, body: Buffer): number[] {
  const places: number[] = [];
  for (let at = body.indexOf(sign); at >= 0; at = body.indexOf(sign, at + 1)) places.push(at);
  return places;
}

/** Flips or replaces some bytes of the range. */
export function spoil(body: Buffer, dice: Dice, [from, to]: readonly [from: number, to: number]): Buffer {
  for (let i = dice.between(1, 8); i > 0; i--) {
    const at = dice.between(from, to - 1);
    body[at] = dice.chance(0.5) ? (body[at] ?? 0) ^ (1 << dice.below(8)) : dice.pick([...signs]);
  }
  return body;
}

/** Every kind, by name. */
export const textMutators = {
  'bytes spoilt'(review, dice) {
    const body = encode(review);
    return spoil(body, dice, [0, body.length]);
  },
  'span cut out'(review, dice) {
    const body = encode(review);
    const [from, to] = span(body, dice);
    return splice(body, from, '', to - from);
  },
  'span repeated'(review, dice) {
    const body = encode(review);
    return splice(body, dice.below(body.length), body.subarray(...span(body, dice)));
  },
  'noise put in'(review, dice) {
    const body = encode(review);
    const noise = Buffer.from(Array.from({ length: dice.between(1, 50) }, () => dice.below(256)));
    return splice(body, dice.below(body.length), noise, dice.pick([0, noise.length]));
  },
  truncated(review, dice) {
    const body = encode(review);
    return body.subarray(0, dice.below(body.length));
  },
  'something behind it': (review, dice) =>
    Buffer.concat([encode(review), Buffer.from(dice.pick([' \n', '\0', '}', ']', ',', '{}', 'null', '\ufeff', '//']))]),
  'byte order mark'(review, dice) {
    const text = JSON.stringify(review);
    const others = [`\ufeff${text}`, Buffer.from(text, 'utf16le'), Buffer.from(`\ufeff${text}`, 'utf16le')];
    return Buffer.from(dice.pick([...others, Buffer.from(text, 'utf16le').swap16(), ` \ufeff${text}`]));
  },
  'no UTF-8'(review, dice) {
    const body = encode(review);
    return splice(body, dice.pick(placesOf('"', body)) + 1, dice.pick(wrongUtf8));
  },
  'NUL bytes'(review, dice) {
    const body = encode(review);
    return splice(body, dice.pick([0, dice.below(body.length), body.length]), '\0'.repeat(dice.between(1, 100)));
  },
  'number out of range': (review, dice) => Buffer.from(plant(review, dice, dice.pick(numbers))),
  'dialect of JSON': (review, dice) => Buffer.from(plant(review, dice, dice.pick(dialects))),
  'key twice'(review, dice) {
    const body = encode(review);
    const first = `{${dice.pick(duplicable)},`;
    const at = dice.pick(placesOf('{"', body));
    return at === undefined ? body : splice(body, at, first, 1);
  },
  'keys of the whole twice'(review, dice) {
    const text = JSON.stringify(review);
    return Buffer.from(`${text.slice(0, -1)},${dice.chance(0.5) ? text.slice(1) : `${dice.pick(duplicable)}}`}`);
  },
  'blanks between'(review, dice) {
    const blank = dice.pick([' ', '\n', '\t\r\n ', ' '.repeat(50)]);
    return Buffer.from(JSON.stringify(review).replaceAll(/":|,"/g, (sign) => sign[0] + blank + sign[1]));
  },
  'escaped letters'(review, dice) {
    const every = dice.between(2, 20);
    const escaped = (letter: string, at: number) =>
      at % every === 0 ? `\\u00${letter.charCodeAt(0).toString(16).padStart(2, '0')}` : letter;
    return Buffer.from(JSON.stringify(review).replaceAll(/(?<=[a-zA-Z]{2})[a-zA-Z](?=[a-zA-Z]*")/g, escaped));
  },
  'another body': (_review, dice) => Buffer.from(dice.pick(otherBodies)),
  'noise only': (_review, dice) => Buffer.from(Array.from({ length: dice.below(2000) }, () => dice.below(256))),
  'signs only': (_review, dice) => Buffer.from(Array.from({ length: dice.below(500) }, () => dice.pick([...signs]))),
  'secret at the error': (review, dice) => Buffer.from(plant(review, dice, `"${secret}" ${secret}`)),
} as const satisfies Readonly<Record<string, TextMutator>>;
