import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Leaf } from '../../../../server/io/tls/kept.ts';
import { lifetimes, RotationModel } from './rotation-model.ts';

const replicas = 3;
const at = fc.nat(replicas - 1);

/** One thing that happens, in no order. */
interface Happening {
  readonly what: string;
  readonly do: (model: RotationModel) => void;
}

const happening = (what: string, act: (model: RotationModel, at: number) => void) =>
  at.map((i): Happening => ({ what: `${what} ${i}`, do: (model) => act(model, i) }));

/** What happens in the best of clusters. */
const ordinary = [
  happening('hears of the Secret', (model, i) => model.hearSecret(i)),
  happening('hears of the registration', (model, i) => model.hearRegistration(i)),
  happening('acts', (model, i) => model.act(i)),
  happening('hears of all and acts', (model, i) => model.catchUp(i)),
  happening('hears of all and acts', (model, i) => model.catchUp(i)),
  happening('hears of all and acts', (model, i) => model.catchUp(i)),
  fc.integer({ min: 100, max: 8_000 }).map(
    (ms): Happening => ({
      what: `${ms} ms pass`,
      do: (model) => {
        model.nowMs += ms;
      },
    }),
  ),
  happening('restarts', (model, i) => model.restart(i)),
];

const deletion = fc.constant<Happening>({ what: 'the Secret is deleted', do: (model) => model.setSecret(undefined) });

/** What people do to it. */
const harm = [
  deletion,
  fc.constant<Happening>({ what: 'the caBundle is wiped', do: (model) => model.setRegistration([]) }),
];

const runs = { numRuns: 300 };
const history = (kinds: readonly fc.Arbitrary<Happening>[]) =>
  fc.array(fc.oneof(...kinds), { minLength: 100, maxLength: 300, size: 'max' });

/** Plays a history, and returns what happened so far for the complaint. */
function play(happenings: readonly Happening[], check: (model: RotationModel, past: string) => void): RotationModel {
  const model = new RotationModel(replicas);
  const past: string[] = ['all have started'];
  settle(model);
  for (const event of happenings) {
    past.push(event.what);
    event.do(model);
    check(model, past.join('\n'));
  }
  return model;
}

/** Lets everybody hear and act for a while; returns whether they came to agree. */
function settle(model: RotationModel): boolean {
  for (let round = 0; round < 60 && !model.isAgreed; round++) {
    for (let i = 0; i < replicas; i++) model.catchUp(i);
    model.nowMs += 500;
  }
  return model.isAgreed;
}

test('whatever the order and the delay, no valid leaf is served whose CA the registration lacks', () => {
  fc.assert(
    fc.property(history(ordinary), (happenings) => {
      play(happenings, (model, past) => assert.deepEqual(model.distrusted, [], past));
    }),
    runs,
  );
});

test('whatever was wiped or deleted, a leaf is taken up only after its CA was seen in the registration', () => {
  fc.assert(
    fc.property(history([...ordinary, ...harm]), (happenings) => {
      const before: (string | undefined)[] = [];
      play(happenings, (model, past) => {
        for (const [i, { serving, since }] of model.replicas.entries()) {
          const isNew = serving !== undefined && serving.pair.cert !== before[i];
          if (isNew) assert.ok(since.has(serving.issuer), past);
          before[i] = serving?.pair.cert;
        }
      });
    }),
    runs,
  );
});

test('a good leaf gives way to one of another CA only when API servers that lag by seconds know that CA', () => {
  fc.assert(
    fc.property(history([...ordinary, deletion]), (happenings) => {
      const before: (Leaf | undefined)[] = [];
      play(happenings, (model, past) => {
        for (const [i, { serving }] of model.replicas.entries()) {
          const old = before[i];
          const isSwitch = serving && old && old.issuer !== serving.issuer && model.nowMs < old.endMs;
          if (isSwitch) assert.ok(model.trustedForMs(serving.issuer) >= 5_000, past);
          before[i] = serving;
        }
      });
    }),
    runs,
  );
});

for (const [name, kinds] of [
  ['whatever the order and the delay', ordinary],
  ['whatever was wiped or deleted', [...ordinary, ...harm]],
] as const) {
  test(`${name}, all replicas come to serve one trusted leaf within half a minute`, () => {
    fc.assert(
      fc.property(history(kinds), (happenings) => {
        const model = play(happenings, () => {});
        assert.ok(settle(model));
      }),
      runs,
    );
  });
}

test('what is published never grows beyond the CAs that may still be in use', () => {
  const model = new RotationModel(replicas);
  assert.ok(settle(model));
  const seen = new Set<string>();
  for (const endMs = model.nowMs + 10 * lifetimes.caMs; model.nowMs < endMs; model.nowMs += 500) {
    for (let i = 0; i < replicas; i++) model.catchUp(i);
    for (const { pem } of model.registration.value) seen.add(pem);
    assert.deepEqual(model.distrusted, []);
    assert.ok(model.registration.value.length <= 2, 'at most the old CA and the new one');
  }
  assert.ok(seen.size > 10, 'the CA was rotated again and again');
});

test('what need not be written is not: a second look asks for nothing', () => {
  const model = new RotationModel(replicas);
  assert.ok(settle(model));
  for (let i = 0; i < replicas; i++) {
    const { publish, write, turns } = model.decision(i);
    assert.deepEqual([publish, write], [[undefined], undefined]);
    assert.ok(turns.length > 0 && turns.every((ms) => ms > model.nowMs));
  }
});

test('a new CA is published, then settles, then signs; the old one stays until its last leaf has ended', () => {
  const model = new RotationModel(1);
  model.catchUp(0);
  model.catchUp(0);
  const [old] = model.secret.value?.authorities ?? [];
  const names = () => model.secret.value?.authorities.map(({ pem }) => pem);
  // leaves are renewed by the old CA until it is due
  for (; names()?.length === 1; model.nowMs += 1000) model.catchUp(0);
  const [made] = model.secret.value?.authorities ?? [];
  assert.equal(model.secret.value?.leaf?.issuer, old?.pem, 'the leaf waits');
  model.catchUp(0);
  assert.deepEqual(
    model.registration.value.map(({ pem }) => pem),
    names(),
  );
  model.nowMs += 4_000;
  model.catchUp(0);
  assert.equal(model.secret.value?.leaf?.issuer, old?.pem, 'API servers may lag');
  model.nowMs += 2_000;
  model.catchUp(0);
  assert.equal(model.secret.value?.leaf?.issuer, made?.pem);
  for (; names()?.length === 2; model.nowMs += 1000) model.catchUp(0);
  const lastedMs = model.nowMs - (made?.madeMs ?? 0);
  assert.ok(lastedMs >= lifetimes.leafMs && lastedMs < lifetimes.leafMs + 3000, `${lastedMs} ms`);
});
