import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInstallation } from '../../scripts/manifests.ts';
import { namesOfOurs, namesToApprove } from '../../scripts/signing-requests.ts';

const signer = 'beta.eks.amazonaws.com/app-serving';
const container = { image: 'webhook:1', args: [`--csr-signer=${signer}`] };
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'webhook', namespace: 'eks', labels: { 'app.kubernetes.io/name': 'pod-identity-webhook' } },
  spec: {
    selector: { matchLabels: { app: 'webhook', part: 'server' } },
    template: { spec: { serviceAccountName: 'robot', containers: [container] } },
  },
};
const user = 'system:serviceaccount:eks:robot';
const request = (name: string, username: string, signerName: string, conditions: { type: string }[] = []) => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name },
  spec: { username, signerName },
  status: { conditions },
});

test('what is installed is read from the Deployment', () => {
  const { flag, objects: _, ...found } = readInstallation([deployment]);
  const expected = {
    name: 'webhook',
    namespace: 'eks',
    image: 'webhook:1',
    labels: 'app=webhook,part=server',
    user,
    mode: 'signing-request',
  };
  assert.deepEqual(found, expected);
  assert.equal(flag('csrSigner'), signer);
  assert.equal(flag('tlsSecret'), 'iam-for-pods');
});

test('the Deployment of another program in the same app is not taken for it', () => {
  const other = { ...deployment, metadata: { name: 'other', labels: { 'app.kubernetes.io/name': 'other' } } };
  assert.equal(readInstallation([other, deployment]).name, 'webhook');
});

test('manifests without a Deployment of the webhook are refused', () => {
  const bare = { ...deployment, metadata: { name: 'bare' } };
  assert.throws(
    () => readInstallation([bare]),
    /no Deployment with the label app.kubernetes.io\/name=pod-identity-webhook/,
  );
});

test('only open requests of the webhook itself to its signer are approved', () => {
  const requests = [
    request('ours', user, signer),
    request('done', user, signer, [{ type: 'Approved' }]),
    request('elsewhere', user, 'kubernetes.io/kube-apiserver-client'),
    request('foreign', 'system:serviceaccount:eks:other', signer),
  ];
  const installation = readInstallation([deployment]);
  assert.deepEqual(namesToApprove(requests, installation), ['ours']);
  assert.deepEqual(namesOfOurs(requests, installation), ['ours', 'done', 'elsewhere']);
});
