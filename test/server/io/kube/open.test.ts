import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createIdentitySource, openKubeClient } from '../../../../server/io/kube/open.ts';
import { refuse } from '../../../support/fake-api-server.ts';
import { createRig, until } from './rig.ts';

async function opened(context: TestContext, configMapNamespace?: string) {
  const { server, clock, log, metrics, random } = await createRig(context);
  server.misbehave('watch', refuse(500), refuse(500));
  server.misbehave('get', refuse(500), refuse(500));
  const access = { inCluster: false, kubeApi: server.url, kubeconfig: '~/.kube/config', env: { HOME: '/nowhere' } };
  const client = await openKubeClient({ access, clock });
  assert.ok('send' in client);
  const source = createIdentitySource({
    client,
    isRelevant: () => true,
    roleAnnotation: 'eks.amazonaws.com/role-arn',
    graceMs: 0,
    ...{ clock, log, metrics, random, onState: () => {} },
    ...(configMapNamespace !== undefined && { configMapNamespace }),
  });
  context.after(() => source.stop());
  source.start();
  const paths = () => server.exchanges.map(({ request }) => request.url?.split('?')[0]).sort();
  return { source, paths };
}

test('follows the ConfigMap in the namespace as well where it is asked for', { timeout: 20_000 }, async (context) => {
  const { source, paths } = await opened(context, 'eks');
  await until(() => paths().length === 2);
  assert.deepEqual(paths(), ['/api/v1/namespaces/eks/configmaps', '/api/v1/serviceaccounts']);
  assert.match(source.readiness() ?? '', /^service accounts: /);
});

test('asks for nothing but service accounts otherwise', { timeout: 20_000 }, async (context) => {
  const { paths } = await opened(context);
  await until(() => paths().length === 1);
  assert.deepEqual(paths(), ['/api/v1/serviceaccounts']);
});
