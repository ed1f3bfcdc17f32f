/** Tests bench/options.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOptions, sectionNames } from '../../bench/options.ts';

describe('the command line of the bench', () => {
  it('asks for every part by default', () => {
    assert.deepEqual(parseOptions([]).sections, sectionNames);
  });

  it('takes parts in their own order, and numbers', () => {
    const { sections, seconds, accounts, manyAccounts } = parseOptions([
      'memory',
      'throughput',
      '--seconds=0.5',
      '--accounts',
      '100',
      '--many-accounts=300',
    ]);
    assert.deepEqual([sections, seconds, accounts, manyAccounts], [['throughput', 'memory'], 0.5, 100, 300]);
  });

  it('names what it does not know, and how to call it', () => {
    assert.throws(() => parseOptions(['speed']), /no such part of the bench: speed\nUsage/);
    assert.throws(() => parseOptions(['--rounds=many']), /--rounds=many: must be a number.*\nUsage/);
    assert.throws(() => parseOptions(['--turbo=1']), /turbo/);
  });
});
