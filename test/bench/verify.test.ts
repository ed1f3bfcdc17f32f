/** Tests bench/verify.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sample, uidPlaceholder as uid } from '../../bench/reviews.ts';
import { isPatched, wrongReply } from '../../bench/verify.ts';

const withRole = sample('small', 0);
const roleArn = withRole.account.roleArn ?? '';
const without = sample('small', 1);

const goodPatch = [
  { op: 'add', path: '/spec/volumes/0', value: { name: 'aws-token', projected: {} } },
  { op: 'add', path: '/spec/containers/0/volumeMounts/0', value: { name: 'aws-token' } },
  { op: 'add', path: '/spec/containers/0/env/0', value: { name: 'AWS_ROLE_ARN', value: roleArn } },
  { op: 'add', path: '/spec/containers/0/env/1', value: { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/token' } },
];

function reply(patch: readonly unknown[], response: object = {}) {
  const encoded = patch.length > 0 ? { patch: Buffer.from(JSON.stringify(patch)).toString('base64') } : {};
  return {
    status: 200,
    body: Buffer.from(JSON.stringify({ response: { uid, allowed: true, ...encoded, ...response } })),
  };
}

describe('a reply to a review', () => {
  it('is right when it patches a pod with a role, and only such a pod', () => {
    assert.equal(wrongReply(reply(goodPatch), { sample: withRole, uid, isPatching: true }), undefined);
    assert.equal(wrongReply(reply([]), { sample: without, uid, isPatching: true }), undefined);
    assert.equal(wrongReply(reply([]), { sample: withRole, uid, isPatching: false }), undefined);
  });

  for (const [index, { path }] of goodPatch.entries()) {
    it(`is wrong when its patch lacks ${path}`, () => {
      const patch = goodPatch
        .filter((_, at) => at !== index)
        .map((part) => ({ ...part, path: part.path.replace(/\/1$/, '/0') }));
      assert.match(
        wrongReply(reply(patch), { sample: withRole, uid, isPatching: true }) ?? '',
        /^(no|a container without)/,
      );
    });
  }

  it('is wrong when it has no patch, one too many, another uid, a refusal or another status', () => {
    const wrong = (response: Parameters<typeof wrongReply>[0], of = withRole) =>
      wrongReply(response, { sample: of, uid, isPatching: true });
    assert.match(wrong(reply([])) ?? '', /token volume/);
    assert.match(wrong(reply(goodPatch), without) ?? '', /none is due/);
    assert.match(wrong(reply(goodPatch, { uid: 'other' })) ?? '', /uid other/);
    assert.match(wrong(reply(goodPatch, { allowed: false })) ?? '', /not allowed/);
    assert.match(wrong({ ...reply(goodPatch), status: 500 }) ?? '', /status 500/);
  });

  it('counts as patched only with a patch', () => {
    assert.deepEqual([isPatched(reply(goodPatch)), isPatched(reply([]))], [true, false]);
  });
});
