import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeRoleArn, isRoleArn, roleArnPrefix } from '../../../server/core/role-arn.ts';

for (const partition of ['aws', 'aws-cn', 'aws-us-gov', 'aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f', 'aws-eusc']) {
  test(`composes the ARN of a role in ${partition}`, () => {
    const prefix = roleArnPrefix({ partition, accountId: '111122223333', path: '/' });
    const arn = composeRoleArn(prefix, 'team/app');
    assert.equal(arn, `arn:${partition}:iam::111122223333:role/team/app`);
    assert.ok(isRoleArn(arn));
  });
}

test('a slash before what the account gives is not doubled', () => {
  const prefix = roleArnPrefix({ partition: 'aws', accountId: '111122223333', path: '/teams/' });
  assert.equal(composeRoleArn(prefix, '/app'), 'arn:aws:iam::111122223333:role/teams/app');
});
