import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { readBundle, tryFindRoot } from '../../../../server/io/tls/authorities.ts';
import { keptData, pairData, readPair, type SecretData, textOf, tryReadKept } from '../../../../server/io/tls/kept.ts';
import { type MadePair, makeAuthority, makeLeaf } from '../../../../server/io/tls/own-ca.ts';

const nowMs = Date.UTC(2026, 0, 1);
const hourMs = 3_600_000;
const name = 'iam-for-pods.eks.svc';
let old: MadePair;
let newest: MadePair;
let leaf: MadePair;
let data: SecretData;

before(async () => {
  old = await makeAuthority({ nowMs: nowMs - hourMs, durationMs: 10 * hourMs });
  newest = await makeAuthority({ nowMs, durationMs: 10 * hourMs });
  leaf = await makeLeaf({ nowMs, durationMs: hourMs, dnsNames: [name, 'iam-for-pods'], authority: old });
  const { authorities } = readBundle(newest.cert + old.cert);
  data = keptData({ authorities, authorityKey: newest.key, pair: leaf });
});

const encode = (text: string) => Buffer.from(text).toString('base64');

test('reads back what it has written, the newest CA first', () => {
  const kept = tryReadKept(data, name);
  assert.deepEqual(
    kept?.authorities.map(({ madeMs, endMs }) => [madeMs, endMs]),
    [
      [nowMs, nowMs + 10 * hourMs],
      [nowMs - hourMs, nowMs + 9 * hourMs],
    ],
  );
  assert.equal(kept.authorityKey, newest.key);
  const pair = { ...leaf, notAfterMs: nowMs + hourMs };
  assert.deepEqual(kept.leaf, { pair, madeMs: nowMs, endMs: nowMs + hourMs, issuer: kept.authorities[1]?.pem });
});

test('reads it whatever the order of the CAs', () => {
  const turned = { ...data, 'ca.crt': encode(old.cert + newest.cert) };
  assert.deepEqual(tryReadKept(turned, name), tryReadKept(data, name));
});

for (const [what, change, message] of [
  ['a key that belongs to another certificate', () => ({ 'tls.key': encode(old.key) }), /tls\.key is not the key of/],
  ['a certificate cut short', () => ({ 'tls.crt': encode(leaf.cert.slice(0, 200)) }), /tls\.crt holds/],
  [
    'a certificate of a CA that is not kept',
    () => ({ 'ca.crt': encode(newest.cert) }),
    /signed by no certificate in ca\.crt/,
  ],
  ['no certificate', () => ({ 'tls.crt': '' }), /tls\.crt holds no PEM block/],
] as const) {
  test(`keeps the CAs and says what is wrong when there is ${what}`, () => {
    const kept = tryReadKept({ ...data, ...change() }, name);
    assert.equal(kept?.authorityKey, newest.key);
    assert.equal(kept.leaf, undefined);
    assert.match(kept.fault?.message ?? '', message);
  });
}

test('has no leaf when it is for another Service', () => {
  assert.equal(tryReadKept(data, 'other.eks.svc')?.fault?.message, 'tls.crt is not for other.eks.svc');
});

test('knows when the key of the newest CA is lost', () => {
  for (const key of ['', encode('torn'), encode(old.key)]) {
    assert.equal(tryReadKept({ ...data, 'ca.key': key }, name)?.authorityKey, undefined);
  }
});

test('keeps nothing where there is no CA', () => {
  assert.equal(tryReadKept({}, name), undefined);
  assert.equal(tryReadKept({ ...data, 'ca.crt': encode('nothing') }, name), undefined);
});

test('reads a pair whoever signed it, also after its end', () => {
  const pair = readPair(pairData(leaf), name);
  assert.ok(!('code' in pair));
  assert.deepEqual([pair.cert, pair.key, pair.madeMs], [leaf.cert, leaf.key, nowMs]);
  assert.equal(textOf(pairData(leaf), 'tls.crt'), leaf.cert);
});

test('tells what else is in a bundle: text, torn blocks, a CA twice', () => {
  assert.equal(readBundle(old.cert + newest.cert).hasOther, false);
  for (const other of ['# ours\n', old.cert.slice(0, 300).concat('\n-----END CERTIFICATE-----\n'), newest.cert]) {
    const bundle = readBundle(newest.cert + other);
    assert.deepEqual([bundle.authorities.length, bundle.hasOther], [1, true]);
  }
});

test('finds the CA that verifies a chain through what is between, and none that does not', async () => {
  const { authorities } = readBundle(newest.cert + old.cert);
  assert.equal(tryFindRoot(leaf.cert, authorities), authorities[1]?.pem);
  assert.equal(tryFindRoot(leaf.cert, authorities.slice(0, 1)), undefined);
  assert.equal(tryFindRoot(leaf.cert + old.cert, authorities.slice(0, 1)), undefined);
  const between = await makeLeaf({ nowMs, durationMs: hourMs, dnsNames: ['b', 'between'], authority: newest });
  const below = await makeLeaf({ nowMs, durationMs: hourMs, dnsNames: [name, 'below'], authority: between });
  assert.equal(tryFindRoot(below.cert + between.cert, authorities), undefined, 'what is no CA signs nothing');
  assert.equal(tryFindRoot('', authorities), undefined);
});
