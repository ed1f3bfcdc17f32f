import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verbosityByModule } from '../../../../server/io/log/verbosity.ts';

/** vmodule, module, level (v is 1). */
const cases = [
  ['', 'io/kube/reflector', 1],
  ['reflector=6', 'io/kube/reflector', 6],
  ['reflector=6', 'io/kube/reflector-queue', 1],
  ['flector=6', 'io/kube/reflector', 1],
  ['refl*=6', 'io/kube/reflector', 6],
  ['reflecto?=6', 'io/kube/reflector', 6],
  ['reflector?=6', 'io/kube/reflector', 1],
  ['kube=6', 'io/kube/reflector', 1],
  ['kube/*=6', 'io/kube/reflector', 6],
  ['io/*=6', 'io/kube/reflector', 1],
  ['io/*/*=6', 'io/kube/reflector', 6],
  ['http/body=4,body=6', 'http/body', 4],
  ['body=6,http/*=4', 'http/body', 6],
  ['b.dy=6', 'http/body', 1],
  ['reflector=0', 'io/kube/reflector', 1],
] as const;

for (const [vmodule, module, level] of cases) {
  test(`gives ${module} level ${level} by v=1, vmodule=${JSON.stringify(vmodule)}`, () => {
    assert.equal(verbosityByModule({ v: 1, vmodule })(module), level);
  });
}
