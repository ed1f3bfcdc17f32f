/** Tests bench/reviews.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { account, apiObject } from '../../bench/accounts.ts';
import { prepareRequest, stampUid } from '../../bench/requests.ts';
import { sample, samples, shapes } from '../../bench/reviews.ts';

const sizes = Object.keys(shapes) as (keyof typeof shapes)[];

describe('reviews of the bench', () => {
  for (const size of sizes) {
    it(`are within 5 % of the size that ${size} claims, for the first account and a late one`, () => {
      for (const index of [0, 49_995]) {
        const bytes = Buffer.byteLength(JSON.stringify(sample(size, index).review));
        const off = Math.abs(bytes / shapes[size].bytes - 1);
        assert.ok(off <= 0.05, `${bytes} bytes, claimed ${shapes[size].bytes}`);
      }
    });
  }

  it('name the account as an API server does', () => {
    const { review, account: owner } = sample('medium', 5);
    const { namespace, object } = review.request as {
      namespace: string;
      object: { spec: { serviceAccountName: string } };
    };
    assert.deepEqual([namespace, object.spec.serviceAccountName], [owner.namespace, owner.name]);
  });

  it('all have a role, except for four in five of the mix', () => {
    for (const size of sizes) assert.ok(samples(size).every(({ account: { roleArn } }) => roleArn !== undefined));
    assert.equal(samples('mix').filter(({ account: { roleArn } }) => roleArn !== undefined).length, 2);
  });
});

describe('a prepared request', () => {
  it('carries the uid that was stamped last, in a body as long as its head says', () => {
    const request = prepareRequest(sample('small', 0));
    stampUid(request, 2 ** 40);
    const uid = stampUid(request, 255);
    const [head = '', body = ''] = request.bytes.toString().split('\r\n\r\n');
    assert.equal(JSON.parse(body).request.uid, uid);
    assert.ok(uid.endsWith('-0000000000ff'));
    assert.equal(Number(/Content-Length: (\d+)/.exec(head)?.[1]), Buffer.byteLength(body));
  });
});

describe('accounts of the bench', () => {
  it('carry a role as annotation exactly where they have one, in some 700 bytes', () => {
    for (const index of [5000, 5001]) {
      const object = apiObject(index) as { metadata: { annotations?: Record<string, string> } };
      assert.equal(object.metadata.annotations?.['eks.amazonaws.com/role-arn'], account(index).roleArn);
      const bytes = JSON.stringify(object).length;
      assert.ok(bytes > 600 && bytes < 800, `${bytes} bytes`);
    }
  });
});
