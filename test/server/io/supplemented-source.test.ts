import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IdentityFacts } from '../../../server/core/types.ts';
import { type IdentitySupplement, supplementSource } from '../../../server/io/supplemented-source.ts';
import type { IdentitySource } from '../../../server/ports.ts';

const cached: IdentityFacts = { outcome: 'cached', annotations: {} };
const missing: IdentityFacts = { outcome: 'missing', annotations: {} };
const app = { namespace: 'team', name: 'app' };
const other = { namespace: 'team', name: 'other' };

function setUp(facts: IdentityFacts | Promise<IdentityFacts>) {
  const calls: string[] = [];
  const unready: { source?: string; supplement?: string } = { source: 'first', supplement: 'second' };
  const steps = (who: string) => ({
    start: () => void calls.push(`${who} start`),
    stop: () => void calls.push(`${who} stop`),
    clear: () => void calls.push(`${who} clear`),
  });
  const source: IdentitySource = {
    ...steps('source'),
    lookup: () => facts,
    readiness: () => unready.source,
    snapshot: () => new Map([['team/other', cached]]),
  };
  const supplement: IdentitySupplement = {
    ...steps('supplement'),
    add: (found, { name }) => (name === 'app' ? { ...found, configMap: { roleArn: 'r' } } : found),
    readiness: () => unready.supplement,
    accounts: () => [app],
  };
  return { joined: supplementSource(source, supplement), calls, unready };
}

test('answers at once what the source knows, with what is added', () => {
  const { joined } = setUp(cached);
  assert.deepEqual(joined.lookup(app, 0), { ...cached, configMap: { roleArn: 'r' } });
  assert.equal(joined.lookup(other, 0), cached);
});

test('adds to an account that the source has waited for and not found', async () => {
  const { joined } = setUp(Promise.resolve(missing));
  assert.deepEqual(await joined.lookup(app, 0), { ...missing, configMap: { roleArn: 'r' } });
});

test('is ready when both are', () => {
  const { joined, unready } = setUp(cached);
  assert.equal(joined.readiness(), 'first');
  delete unready.source;
  assert.equal(joined.readiness(), 'second');
  delete unready.supplement;
  assert.equal(joined.readiness(), undefined);
});

test('starts, clears and stops both', () => {
  const { joined, calls } = setUp(cached);
  joined.start();
  joined.clear();
  joined.stop();
  assert.deepEqual(
    calls,
    ['start', 'clear', 'stop'].flatMap((step) => [`source ${step}`, `supplement ${step}`]),
  );
});

test('shows the accounts that only the supplement names too', () => {
  assert.deepEqual(
    [...setUp(cached).joined.snapshot()],
    [
      ['team/other', cached],
      ['team/app', { ...missing, configMap: { roleArn: 'r' } }],
    ],
  );
});
