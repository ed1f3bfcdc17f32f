import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, Chart, Duration, Testing } from 'cdk8s';
import { Certificates, PodIdentityWebhook, PodIdentityWebhookChart } from '../../charts/index.ts';
import { propChecks } from '../../charts/prop-checks.ts';
import { flagKeys } from '../../contract/flags.ts';
import { image, synthFaults } from '../support/charts.ts';
import { propCombinations, somePem } from '../support/prop-combinations.ts';

const identity = { namespace: 'n', serviceAccount: 's', roleArn: 'arn:aws:iam::111122223333:role/r' };
const secret = Certificates.secret({ name: 'tls', caBundle: somePem });
const signer = 'example.com/serving';

/** Props with one fault, and the fault: the prop, the value, the rule, the way out. */
const faulty: readonly (readonly [string, object])[] = [
  ['image: must be given; give the name of the image that make image made', { image: undefined }],
  ['image: got "a b"; must be the name of an image', { image: 'a b' }],
  ['tokenExpiration: got "60"; must be a whole number of seconds from 600 to 86400', { tokenExpiration: 60 }],
  ['namespace: got "Eks"; must be lower-case letters', { namespace: 'Eks' }],
  ['tokenExpiraton: is no prop; write tokenExpiration if that is meant', { tokenExpiraton: 3600 }],
  ['zzz: is no prop; leave it out', { zzz: 1 }],
  ['compatibility: got "EKS"; must be one of 2019, eks', { compatibility: 'EKS' }],
  ['replicas: got "-1"; must be a whole number from 0 to 1000', { replicas: -1 }],
  ['replicas: got "2"; has no meaning with autoscaling', { replicas: 2, autoscaling: { maxReplicas: 3 } }],
  ['autoscaling.maxReplicas: must be given', { autoscaling: {} }],
  ['autoscaling.maxReplicas: got "1"; must be at least minReplicas, which is 2', { autoscaling: { maxReplicas: 1 } }],
  ['autoscaling.maxReplica: is no prop; write maxReplicas', { autoscaling: { maxReplicas: 3, maxReplica: 3 } }],
  ['imagePullPolicy: got "always"; must be one of Always, IfNotPresent, Never', { imagePullPolicy: 'always' }],
  ['imagePullSecrets: got "registry"; must be a list', { imagePullSecrets: 'registry' }],
  ['imagePullSecrets[1]: got ""; must be text that is not empty', { imagePullSecrets: ['registry', ''] }],
  ['labels: got "an object"; must be an object whose values are text', { labels: { a: 1 } }],
  ['labels.team: got "a b"; must be empty, or at most 63 letters', { labels: { team: 'a b' } }],
  ['nodeSelector.a.b/c: got "-"; must be empty, or at most', { nodeSelector: { 'a.b/c': '-' } }],
  ['serviceMonitor.labels.a: got "b/c"; must be empty, or at most', { serviceMonitor: { labels: { a: 'b/c' } } }],
  [
    'serviceName: got "1st"; must be lower-case letters, digits and dashes, at most 63, a letter',
    { serviceName: '1st' },
  ],
  ['resources.limit: is no prop; write limits if that is meant', { resources: { limit: {} } }],
  ['resources: got "a list"; must be an object', { resources: [] }],
  ['hostNetwork: got "yes"; must be true or false', { hostNetwork: 'yes' }],
  ['dnsPolicy: got "None"; must be one of ClusterFirst, ClusterFirstWithHostNet, Default', { dnsPolicy: 'None' }],
  ['failurePolicy: got "ignore"; must be one of Ignore, Fail', { failurePolicy: 'ignore' }],
  ['failurePolicy: got "Fail"; needs a pod that answers, and replicas is 0', { failurePolicy: 'Fail', replicas: 0 }],
  ['timeoutSeconds: got "31"; must be a whole number from 1 to 30', { timeoutSeconds: 31 }],
  [
    'timeoutSeconds: got "3"; must be more than serviceAccountLookupGracePeriod, which is 3 s',
    { timeoutSeconds: 3, serviceAccountLookupGracePeriod: Duration.seconds(3) },
  ],
  ['matchConditions[0].expression: must be given', { matchConditions: [{ name: 'a' }] }],
  ['url: got "http://a/mutate"; must be an https URL', { url: 'http://a/mutate', certificates: secret }],
  ['url: got "https://a/mutate?b"; must be an https URL without', { url: 'https://a/mutate?b', certificates: secret }],
  ['url: got "https://a"; must have a path: the webhook answers', { url: 'https://a', certificates: secret }],
  ['url: got "https://a/"; must have a path: the webhook answers', { url: 'https://a/', certificates: secret }],
  ['url: got "https://a/mutate"; needs certificates that others make', { url: 'https://a/mutate' }],
  [
    'url: got "https://a/mutate"; needs certificates that others make',
    { url: 'https://a/mutate', certificates: Certificates.signingRequest({ signer, caBundle: somePem }) },
  ],
  ['certificates.caBundle: must be given: without it no', { certificates: Certificates.secret({ name: 'tls' }) }],
  [
    'serviceMonitor: finds the webhook by its Service, and with url there is none',
    { url: 'https://a/mutate', certificates: secret, serviceMonitor: {} },
  ],
  ['serviceMonitor.interval: got "30"; must be a length of time, as 30s', { serviceMonitor: { interval: '30' } }],
  [
    'networkPolicy.apiServerCidrs[0]: got "10.0.0.1"; must be a CIDR',
    { networkPolicy: { apiServerCidrs: ['10.0.0.1'] } },
  ],
  ['certificates: got "an object"; must be of one of the kinds own-ca,', { certificates: {} }],
  ['certificates: got "acme"; must be of one of the kinds own-ca,', { certificates: { kind: 'acme' } }],
  ['certificates.signer: must be given', { certificates: { kind: 'signing-request' } }],
  [
    'certificates.signer: got "nobody"; must be a domain, a slash and a path',
    { certificates: Certificates.signingRequest({ signer: 'nobody' }) },
  ],
  [
    'certificates.caDuration: got "1s"; must be a length of time',
    { certificates: Certificates.ownCa({ caDuration: Duration.seconds(1) }) },
  ],
  [
    'certificates.duration: got "an object"; must be a Duration of an hour or more',
    { certificates: Certificates.certManager({ duration: Duration.minutes(59) }) },
  ],
  [
    'certificates.caBundle: got "LS0t"; must be a certificate in PEM',
    { certificates: Certificates.secret({ name: 'tls', caBundle: 'LS0t' }) },
  ],
  ['certificates.name: got "A"; must be dot-separated labels', { certificates: Certificates.secret({ name: 'A' }) }],
  ['csrSigner: got "a.b/c"; is decided by certificates', { csrSigner: 'a.b/c', certificates: Certificates.ownCa() }],
  [
    'leafDuration: got "a Duration"; is decided by certificates',
    {
      leafDuration: Duration.hours(1),
      certificates: Certificates.ownCa({ leafDuration: Duration.hours(2) }),
    },
  ],
  [
    'tlsCert: counts only together with tlsKey',
    { tlsCert: '/certs/tls.crt', volumeMounts: [{ name: 'c', mountPath: '/certs' }] },
  ],
  ['logDir: got "/var/log"; must be in a volume', { logDir: '/var/log', certificates: secret }],
  [
    'logFile: got "/var/logs/a"; must be in a volume',
    { logFile: '/var/logs/a', volumeMounts: [{ name: 'log', mountPath: '/var/log' }] },
  ],
  [
    'watchContainerCredentialsConfig: got "/etc/a.json"; must be in a volume',
    { watchContainerCredentialsConfig: '/etc/a.json', certificates: secret },
  ],
  ['port: got "443"; must be 1024 or more with hostNetwork', { hostNetwork: true, port: 443 }],
  ['metricsPort: got "80"; must be 1024 or more with hostNetwork', { hostNetwork: true, metricsPort: 80 }],
  ['metricsPort: got "8443"; must differ from port, which is 8443 too', { metricsPort: 8443 }],
  ['inCluster: got "false"; must be true in a pod', { inCluster: false }],
  ['identitiesFrom: got "/a"; is for a webhook outside a cluster', { identitiesFrom: '/a' }],
  ['version: got "true"; makes the program print its version and end', { version: true }],
  ['watchConfigMap: got "false"; must be true with identities', { watchConfigMap: false, identities: [] }],
  ['identities[0].namespace: got "a/b"; must be one name', { identities: [{ ...identity, namespace: 'a/b' }] }],
  ['identities[0].roleARN: is no prop; write roleArn', { identities: [{ ...identity, roleARN: 'r' }] }],
  [
    'identities[0].tokenExpiration: got "1"; must be a whole number of seconds from 600 to 86400',
    { identities: [{ ...identity, tokenExpiration: 1 }] },
  ],
  ['identities[1]: got "n/s"; is said already by identities[0]', { identities: [identity, identity] }],
];

for (const [expected, props] of faulty) {
  test(`at synth: ${expected}`, () => {
    const [fault = '', ...others] = synthFaults({ image, ...props });
    assert.deepEqual(others, []);
    assert.ok(fault.startsWith(expected), fault);
    assert.match(fault, /; .*\b(give|write|leave|make|keep|say|end|put)\b/);
  });
}

test('all faults of all webhooks are shown at once', () => {
  const app = new App();
  const props = { image, replicas: -1, tokenExpiration: 60, labels: { a: 1 }, version: true };
  new PodIdentityWebhookChart(app, 'one', props as never);
  const chart = new Chart(app, 'two');
  new PodIdentityWebhook(chart, 'webhook', { image, failurePolicy: 'fail' } as never);
  assert.throws(
    () => Testing.synth(chart),
    ({ message }: Error) => {
      const named = [...message.matchAll(/\[(\S+)\] (\w+):/g)].map(([, path, prop]) => `${path} ${prop}`);
      assert.deepEqual(named.sort(), [
        'one/webhook labels',
        'one/webhook replicas',
        'one/webhook tokenExpiration',
        'one/webhook version',
        'two/webhook failurePolicy',
      ]);
      return true;
    },
  );
});

test('any value of any prop is a fault or is rendered, and nothing is thrown before synth', () => {
  const values = [null, '', 0, -1, Number.NaN, true, [], [null], {}, { kind: null }, () => 1, 'x'.repeat(1000)];
  for (const prop of [...Object.keys(propChecks), ...flagKeys]) {
    for (const value of values) {
      const chart = new Chart(new App(), 'chart');
      assert.doesNotThrow(() => new PodIdentityWebhook(chart, 'webhook', { image, [prop]: value } as never), prop);
    }
  }
});

for (const name of ['inject-ca-from', 'inject-ca-from-secret', 'inject-apiserver-ca']) {
  test(`a Secret needs no caBundle where cert-manager fills it in by ${name}`, () => {
    const annotations = { [`cert-manager.io/${name}`]: 'true' };
    assert.deepEqual(synthFaults({ image, annotations, certificates: Certificates.secret({ name: 'tls' }) }), []);
  });
}

for (const { name, props } of propCombinations) {
  test(`nothing is wrong with ${name}`, () => assert.deepEqual(synthFaults({ image, ...props }), []));
}

test('a prop that is undefined is one that is not given', () => {
  const props = Object.fromEntries([...Object.keys(propChecks), ...flagKeys].map((key) => [key, undefined]));
  assert.deepEqual(synthFaults({ ...props, image }), []);
});
