/** Fault suites: an API server with the good client's accounts, and the webhook that follows it over a wire. Judges nothing. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { account, apiObject } from '../../bench/accounts.ts';
import { FakeApiServer, type FakeObject } from '../support/fake-api-server.ts';
import { tempFolder } from '../support/temp-folder.ts';
import type { Change } from './api-faults.ts';
import { sampleWith } from './reviewer.ts';
import { Wire } from './wire.ts';

/** What is there before a webhook is. */
export interface Stage {
  readonly api: FakeApiServer;
  readonly wire: Wire;
  /** How the webhook gets to it. */
  readonly options: { readonly apiUrl: string; readonly flags: readonly string[] };
  /** Makes the webhook's configuration have this token. */
  giveToken(token: string): void;
}

/** The accounts whose pods the good client sends. */
const steadyAccounts = 10;
const [created, changed, deleted] = [20, 25, 30];

/** Reviews that are answered rightly once the changes are known. */
export const afterChanges = {
  created: sampleWith(created, account(created).roleArn),
  changed: sampleWith(changed, account(changed).roleArn),
  deleted: sampleWith(deleted, undefined),
} as const;

/** Reviews that are answered rightly before the changes. */
export const beforeChanges = [
  sampleWith(changed, 'arn:aws:iam::123456789012:role/old'),
  sampleWith(deleted, account(deleted).roleArn),
] as const;

/** Starts the API server for the length of one test. */
export async function setStage(t: TestContext): Promise<Stage> {
  const api = await FakeApiServer.start();
  t.after(() => api.stop());
  const wire = await Wire.lay(t, api.url);
  for (let index = 0; index < steadyAccounts; index++) api.putWhole(apiObject(index) as unknown as FakeObject);
  putAccount(api, changed, 'arn:aws:iam::123456789012:role/old');
  putAccount(api, deleted);
  const kubeconfig = join(tempFolder(t), 'kubeconfig.json');
  const giveToken = (token: string) => writeFileSync(kubeconfig, JSON.stringify(configOf(wire.url, token)));
  giveToken('first');
  return { api, wire, giveToken, options: { apiUrl: wire.url, flags: [`--kubeconfig=${kubeconfig}`] } };
}

/** Creates an account, changes one and deletes one, and returns what the watches were not told. */
export function changeSilently(api: FakeApiServer): readonly Change[] {
  const added = putAccount(api, created);
  const { metadata } = api.objects.get(keyOf(deleted)) ?? {};
  const { namespace, name } = account(deleted);
  api.remove(namespace, name, true);
  const removed = { metadata: { ...metadata, resourceVersion: String(api.revision) } };
  return [
    { type: 'ADDED', object: added },
    { type: 'DELETED', object: removed },
    { type: 'MODIFIED', object: putAccount(api, changed) },
  ];
}

/** Stores the account of that number without telling the watches. */
export function putAccount(api: FakeApiServer, index: number, roleArn = account(index).roleArn): FakeObject {
  const { namespace, name } = account(index);
  // a character that is split where bytes come one by one
  const annotations = { 'eks.amazonaws.com/role-arn': roleArn ?? '', note: 'Schlüssel 🔑' };
  return api.put(namespace, name, { annotations, creationTimestamp: '2024-05-01T12:00:00Z' }, true);
}

function keyOf(index: number): string {
  const { namespace, name } = account(index);
  return `${namespace}/${name}`;
}

/** JSON is YAML. */
function configOf(server: string, token: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  };
}
