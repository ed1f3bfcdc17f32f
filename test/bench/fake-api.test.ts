/** Tests bench/fake-api.ts. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { account, apiObject } from '../../bench/accounts.ts';
import { createFakeApi } from '../../bench/fake-api.ts';

async function start(t: TestContext, accounts: number): Promise<string> {
  const server = createFakeApi(accounts).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the API server of the bench', () => {
  it('lists all accounts in pages', async (t) => {
    const url = await start(t, 5);
    const seen: unknown[] = [];
    for (let token: string | undefined = '0'; token !== undefined; ) {
      const response = await fetch(`${url}/api/v1/serviceaccounts?limit=2&continue=${token}`);
      const page = (await response.json()) as { items: unknown[]; metadata: { continue?: string } };
      seen.push(...page.items);
      token = page.metadata.continue;
    }
    assert.deepEqual(seen, [0, 1, 2, 3, 4].map(apiObject));
  });

  it('streams all accounts, then the bookmark that ends them, and stays open', async (t) => {
    const url = await start(t, 2000);
    const response = await fetch(
      `${url}/api/v1/serviceaccounts?watch=true&sendInitialEvents=true&allowWatchBookmarks=true`,
    );
    let [text, added] = ['', 0];
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      const types = lines.map((line) => JSON.parse(line).type);
      added += types.filter((type) => type === 'ADDED').length;
      if (types.includes('BOOKMARK')) break;
    }
    assert.deepEqual([added, text], [2000, '']);
  });

  it('shows one account in its namespace, and no other', async (t) => {
    const url = await start(t, 5);
    const { namespace, name } = account(3);
    const get = (path: string) => fetch(`${url}/api/v1/namespaces/${path}`);
    assert.deepEqual(await (await get(`${namespace}/serviceaccounts/${name}`)).json(), apiObject(3));
    for (const path of [`other/serviceaccounts/${name}`, `${namespace}/serviceaccounts/account-5`, 'x/pods/y'])
      assert.equal((await get(path)).status, 404, path);
  });
});
