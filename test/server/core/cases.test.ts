/**
 * Each folder of cases/ is a pod and what the sources say of its account (`reader` in namespace `shop`, unless `account`
 * says otherwise), and the patch and the warnings that behaviour.md asks for. `UPDATE_CASES=1` writes the expected files
 * anew: read every line of their difference.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import jsonPatch from 'fast-json-patch';
import { parse } from 'yaml';
import type { IdentityFacts } from '../../../server/core/types.ts';
import { createPipeline } from '../../../server/pipeline.ts';
import { review, settings } from '../../support/reviews.ts';

const isUpdate = process.env.UPDATE_CASES === '1';
const cases = new URL('./cases/', import.meta.url);

interface Case extends IdentityFacts {
  readonly account?: string;
  readonly settings?: Partial<typeof settings>;
  readonly random?: number;
}

for (const name of readdirSync(cases)) {
  test(name.replaceAll('-', ' '), async () => {
    const folder = new URL(`${name}/`, cases);
    const pod = parse(readFileSync(new URL('pod.yaml', folder), 'utf8'));
    const given = JSON.parse(readFileSync(new URL('identity.json', folder), 'utf8')) as Case;
    const { patch, warnings } = await replyTo(pod, given);
    expectFile(new URL('expected.patch.json', folder), patch, undefined);
    expectFile(new URL('expected.warnings.json', folder), warnings, []);
    const patched = jsonPatch.applyPatch(structuredClone(pod), patch).newDocument;
    assert.deepEqual((await replyTo(patched, given)).patch, [], 'a second pass gives no patch');
  });
}

async function replyTo(pod: unknown, { account = 'reader', settings: changed, random = 0, ...facts }: Case) {
  const none: IdentityFacts = { outcome: 'missing', annotations: {} };
  const pipeline = createPipeline(
    { ...settings, ...changed },
    {
      identities: { lookup: ({ namespace, name }) => (`${namespace}/${name}` === `shop/${account}` ? facts : none) },
      random: () => random,
    },
  );
  const answer = await pipeline(review(pod), 0);
  assert.ok('reply' in answer, 'the review is answered');
  assert.equal(answer.reply.isAllowed, true);
  return answer.reply;
}

/** @param absent what no file stands for; undefined: the file must be there */
function expectFile(file: URL, actual: unknown, absent: unknown) {
  const isAbsent = absent !== undefined && JSON.stringify(actual) === JSON.stringify(absent);
  if (isUpdate && !isAbsent) writeFileSync(file, `${JSON.stringify(actual, null, 2)}\n`);
  assert.deepEqual(actual, existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : absent);
}
