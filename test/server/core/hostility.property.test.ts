/** Whatever arrives is answered: input that no schema would allow, and input of any size. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arbitraryPod, world } from '../../support/pods.ts';
import { answerTo, facts, review, send } from '../../support/reviews.ts';

/** JSON with the keys that trip up objects, and with text that is no Unicode. */
const { hostile } = fc.letrec((tie) => ({
  hostile: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, -1, 1e300, '', 'Pod', '\ud800', 'windows', 'token'),
    fc.array(tie('hostile'), { maxLength: 3 }),
    fc
      .array(
        fc.tuple(
          fc.constantFrom('__proto__', 'constructor', 'toString', 'toJSON', 'valueOf', 'name', 'length', '\udfff'),
          tie('hostile'),
        ),
        { maxLength: 3 },
      )
      .map((entries) => Object.fromEntries(entries)),
  ),
}));

test('any JSON as body is answered', () =>
  fc.assert(
    fc.asyncProperty(fc.oneof(hostile, fc.jsonValue()), async (body) => {
      const answer = await send(JSON.parse(JSON.stringify(body)));
      assert.ok('code' in answer && answer.status === 400);
    }),
  ));

test('any JSON as a field of the request is answered', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom('object', 'namespace', 'resource', 'uid', 'operation', 'dryRun'),
      hostile,
      async (key, value) => {
        const answer = await send(JSON.parse(JSON.stringify(review({ spec: { containers: [] } }, { [key]: value }))));
        assert.ok('code' in answer ? answer.status === 400 : answer.reply.isAllowed);
      },
    ),
  ));

/** Every part that the core reads, so that each of them is broken in turn. */
const fullPod = {
  metadata: { name: 'web', generateName: 'web-', labels: { app: 'web' }, annotations: { a: 'b' } },
  spec: {
    serviceAccountName: 'reader',
    os: { name: 'linux' },
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['windows'] }] }],
        },
      },
    },
  },
};

/** Replaces the part of that number, counted in document order. */
function breakPart(value: object, which: number, by: unknown) {
  const parts: (readonly [object, string])[] = [];
  const walk = (holder: object) => {
    for (const [key, part] of Object.entries(holder)) {
      parts.push([holder, key]);
      if (typeof part === 'object' && part !== null) walk(part);
    }
  };
  walk(value);
  const [holder, key] = parts[which % parts.length] ?? [value, 'spec'];
  Object.defineProperty(holder, key, { value: by, enumerable: true });
}

test('a pod with any JSON in place of one of its parts is admitted', () =>
  fc.assert(
    fc.asyncProperty(arbitraryPod, fc.nat(), hostile, world, async (given, which, value, world) => {
      const pod = {
        ...given,
        metadata: { ...fullPod.metadata, ...given.metadata },
        spec: { ...fullPod.spec, ...given.spec },
      };
      const body = JSON.parse(JSON.stringify(review(pod)));
      breakPart(body.request.object, which, value);
      const { reply } = await answerTo(JSON.parse(JSON.stringify(body)), world);
      assert.equal(reply.isAllowed, true);
    }),
    { numRuns: 1000 },
  ));

test('ten thousand containers are all equipped', async () => {
  const containers = Array.from({ length: 10_000 }, (_, i) => ({ name: `c${i}` }));
  const { reply } = await answerTo(review({ spec: { containers } }));
  assert.equal(reply.patch.length, 20_001);
});

test('deep nesting in fields that are not read does no harm', async () => {
  const deep = JSON.parse('{"a":['.repeat(50_000) + ']}'.repeat(50_000));
  const pod = {
    metadata: { deep },
    spec: { deep, containers: [{ name: 'app', deep }], volumes: [{ name: 'v', deep }] },
  };
  assert.equal((await answerTo(review(pod))).reason, 'MUTATED');
});

test('deep nesting in fields that are read does no harm', async () => {
  const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  for (const pod of [
    { metadata: { name: deep }, spec: { containers: [] } },
    { spec: { containers: deep } },
    { spec: { containers: [], affinity: deep, os: deep } },
    { spec: { containers: [], volumes: [{ name: 'v', projected: { sources: deep } }] } },
  ]) {
    assert.equal((await answerTo(review(pod))).reply.isAllowed, true);
  }
});

const megabyte = 1_000_000;

/** Takes minutes where an expression backtracks; the runner's patience is the judge. */
const longTexts = {
  'blanks before a quote': `${' '.repeat(megabyte)}a"`,
  quotes: '"'.repeat(megabyte + 1),
  commas: ','.repeat(megabyte),
  digits: '9'.repeat(megabyte),
  slashes: `${'/'.repeat(megabyte)}a`,
  role: `arn:aws:iam::111122223333:role/${'/a'.repeat(megabyte / 2)}!`,
};

for (const [name, text] of Object.entries(longTexts)) {
  test(`a megabyte of ${name} takes time linear in it`, { timeout: 20_000 }, async () => {
    const annotations = Object.fromEntries(
      ['skip-containers', 'include-containers', 'token-expiration', 'region', 'role-arn', text].map((key) => [
        `eks.amazonaws.com/${key}`,
        text,
      ]),
    );
    const mounts = [{ name: text, mountPath: text }];
    const pod = { metadata: { annotations }, spec: { containers: [{ name: text, volumeMounts: mounts }] } };
    const { reply } = await answerTo(review(pod), { facts: { ...facts, annotations } });
    assert.ok(reply.warnings.every((warning) => warning.length <= 120));
  });
}

test('a hundred thousand nearly right annotations and taken paths take time linear in them', {
  timeout: 20_000,
}, async () => {
  const many = Array.from({ length: 100_000 }, (_, i) => i);
  const annotations = Object.fromEntries(many.map((i) => [`eks.amazonaws.co${i % 10}/skip-cont${i}`, 'x']));
  const path = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
  const volumeMounts = ['', ...many].map((i) => ({ name: 'v', mountPath: `${path}${i && `-${i}`}` }));
  const { reply } = await answerTo(
    review({ metadata: { annotations }, spec: { containers: [{ name: 'app', volumeMounts }] } }),
  );
  assert.ok(reply.patch.length > 0);
});
