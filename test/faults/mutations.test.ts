import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dice } from './fuzz/dice.ts';
import { wrongAnswer } from './fuzz/judge.ts';
import { kinds, mutation, mutationOf } from './mutations.ts';

const some = Array.from({ length: 300 }, (_, number) => number);
const huge = /over the limit|as many|abyss|huge|a list as long|blanks only|10,000/;

test('the same seed and number make the same review, others make others', () => {
  const made = (seed: number) => some.slice(0, 50).map((number) => mutation(seed, number));
  assert.deepEqual(made(1), made(1));
  assert.notDeepEqual(made(1), made(2));
  assert.ok(new Set(made(1).map(({ body }) => body.toString('latin1'))).size > 40);
});

test('a review does not depend on those that were made before it', () => {
  const forwards = some.map((number) => mutation(5, number));
  const backwards = some.toReversed().map((number) => mutation(5, number));
  assert.deepEqual(backwards.reverse(), forwards);
});

test('reviews are of many kinds, and few are huge', () => {
  const found = some.map((number) => mutation(7, number));
  assert.ok(new Set(found.map(({ kind }) => kind)).size > 40);
  assert.ok(found.filter(({ body }) => body.length > 100_000).length < 20);
});

for (const kind of kinds.filter((name) => !huge.test(name))) {
  test(`every review of the kind "${kind}" is made, whatever the dice`, () => {
    for (const number of some.slice(0, 40)) {
      const { body } = mutationOf(kind, new Dice(3, number));
      assert.ok(body.length < 3_000_000);
    }
  });
}

test('there is no review of an unknown kind', () => {
  assert.throws(() => mutationOf('a good one', new Dice(1, 1)), /no kind a good one/);
});

/** Answers to an intact review, as they should be or nearly so. */
const sent = mutationOf('intact', new Dice(1, 1));
const { uid } = JSON.parse(sent.body.toString()).request as { readonly uid: string };
const good = { uid, allowed: true };
const envelope = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };

function judged(response: object, status = 200): string | undefined {
  const body = Buffer.from(JSON.stringify({ ...envelope, response }));
  return wrongAnswer(sent, { status, contentType: 'application/json', body });
}

const patch = (operations: unknown) => ({
  ...good,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

test('the judge admits what is well-formed', () => {
  assert.equal(judged(good), undefined);
  assert.equal(judged(patch([{ op: 'add', path: '/spec/x', value: 1 }])), undefined);
});

for (const [what, response, complaint] of [
  ['another uid', { ...good, uid: 'other' }, /uid/],
  ['a refusal with 200', { ...good, allowed: false }, /allowed/],
  ['a warning that is too long', { ...good, warnings: ['x'.repeat(121)] }, /warnings/],
  ['a patch without its type', { ...good, patch: 'W10=' }, /type/],
  ['an empty patch', patch([]), /none/],
  ['a patch that replaces', patch([{ op: 'replace', path: '/spec', value: {} }]), /only add/],
  ['a patch of what is not there', patch([{ op: 'add', path: '/nowhere/x', value: 1 }]), /not apply/],
] as const) {
  test(`the judge notices ${what}`, () => assert.match(judged(response) ?? '', complaint));
}

test('the judge notices a crash, a lost answer, and a refusal of what is well', () => {
  const answer = { status: 500, contentType: 'text/plain', body: Buffer.from('internal error') };
  assert.match(wrongAnswer(sent, answer) ?? '', /500/);
  assert.match(wrongAnswer(sent, new Error('socket hang up')) ?? '', /hang up/);
  assert.match(judged({ ...good, allowed: false, status: { code: 400, message: 'not so' } }, 400) ?? '', /400/);
});
