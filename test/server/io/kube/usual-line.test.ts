import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tryReadUsual } from '../../../../server/io/kube/usual-line.ts';
import { readAnyLine } from '../../../../server/io/kube/watch-event.ts';

const least = { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '7', creationTimestamp: '2024-05-01T12:00:00Z' };
const managedFields = [
  { manager: 'helm', fieldsV1: { 'f:metadata': { 'f:annotations': { '.': {}, 'f:eks.amazonaws.com/role-arn': {} } } } },
];
const whole = {
  name: 'zażółć',
  generateName: 'a-',
  namespace: 'n',
  uid: 'u',
  resourceVersion: '7',
  generation: 1,
  creationTimestamp: '2024-05-01T12:00:00Z',
  deletionTimestamp: '2024-05-01T12:00:00Z',
  deletionGracePeriodSeconds: 0,
  labels: { a: 'b' },
  annotations: { 'eks.amazonaws.com/role-arn': 'arn', name: '}{', applied: '{"a":"\\""}' },
  ownerReferences: [{ name: 'b' }],
  finalizers: ['c'],
  managedFields,
};
const lineOf = (meta: object, rest: object = {}): string =>
  JSON.stringify({ type: 'ADDED', object: { kind: 'ServiceAccount', apiVersion: 'v1', metadata: meta, ...rest } });
const rest = { secrets: [{ name: 'd' }], imagePullSecrets: [{ name: 'e' }], automountServiceAccountToken: true };
const usualLines = [lineOf(least), lineOf(least, rest), lineOf({ ...least, annotations: {} }), lineOf(whole, rest)];

test('reads the lines of the API server as part-reader does', () => {
  for (const line of usualLines) {
    assert.notEqual(tryReadUsual(Buffer.from(line)), undefined, line);
    agreesOn(Buffer.from(line));
  }
});

test('leaves lines that are written in another way', () => {
  for (const line of [
    lineOf({ ...least, name: '"' }),
    lineOf(least, { '"': 1 }),
    lineOf({ ...least, annotations: null }),
    lineOf(Object.fromEntries(Object.entries(least).reverse())),
    lineOf(least).replace('"kind"', '"metadata"'),
    lineOf(least, { details: {} }),
    lineOf(least, { data: 'x'.repeat(4096) }),
    JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } }),
    `${lineOf(least)} `,
    `${lineOf(least)}{}`,
  ]) {
    assert.equal(tryReadUsual(Buffer.from(line)), undefined, line);
  }
});

/** A line of which some bytes are replaced, each by what changes most. */
const damaged = fc
  .record({
    line: fc.constantFrom(...usualLines),
    damages: fc.array(
      fc.record({
        at: fc.nat(1000),
        length: fc.nat(3),
        by: fc.oneof(
          fc.constantFrom(
            '"',
            '\\',
            '{',
            '}',
            '[',
            ']',
            ',',
            ':',
            ' ',
            '\u0001',
            '1',
            'null',
            '{}',
            '"name":"x",',
            ',"metadata":{}',
          ),
          fc.string({ unit: 'binary', maxLength: 3 }),
        ),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ line, damages }) =>
    damages.reduce((bytes, { at, length, by }) => {
      const start = at % bytes.length;
      return Buffer.concat([bytes.subarray(0, start), Buffer.from(by), bytes.subarray(start + length)]);
    }, Buffer.from(line)),
  );

test('never reads a line otherwise than part-reader', () => {
  fc.assert(fc.property(damaged, agreesOn), { numRuns: 5000 });
});

test('tries nothing twice in a line that it gives up: each comes to an end', () => {
  const open = '{"type":"ADDED","object":{"a":';
  for (const repeated of ['[', '{"a":', '[[],', '"a",', '1'])
    tryReadUsual(Buffer.from(open + repeated.repeat(4000 / repeated.length)));
});

function agreesOn(line: Buffer): void {
  const read = outcome(() => tryReadUsual(line));
  if (read !== undefined)
    assert.deepEqual(
      read,
      outcome(() => readAnyLine(line)),
      line.toString(),
    );
}

function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return (error as Error).name;
  }
}
