import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import fc from 'fast-check';
import { given } from '../../charts/given.ts';
import { Certificates, type PodIdentityWebhookProps } from '../../charts/index.ts';
import { checkProps } from '../../contract/args.ts';
import { flagKeys } from '../../contract/flags.ts';
import { parseFlags } from '../../contract/parse.ts';
import { skipLabel } from '../../server/core/names.ts';
import { containerOf, find, podOf, renderChart } from '../support/charts.ts';
import { comparable, goodProps } from '../support/flag-values.ts';
import { propCombinations, somePem } from '../support/prop-combinations.ts';

test('only what differs from a fallback is an argument: by default, the port', () => {
  assert.deepEqual(containerOf(renderChart()).args, ['--port=8443']);
});

/** Good on a command line, and refused in a pod: test/charts/faults.test.ts has them. */
const outside = [
  'version',
  'inCluster',
  'identitiesFrom',
  'logDir',
  'logFile',
  'watchContainerCredentialsConfig',
  'tlsCert',
  'tlsKey',
] as const;

test('whatever flags are given as props, the server reads them from the arguments', () => {
  const good = goodProps().map((props) => ({
    ...props,
    ...Object.fromEntries(outside.map((key) => [key, undefined])),
  }));
  const run = (props: Partial<PodIdentityWebhookProps>) => {
    fc.pre(checkProps(props).length === 0);
    const parsed = parseFlags(containerOf(renderChart(props)).args ?? []);
    assert.ok('config' in parsed, JSON.stringify(parsed));
    const keys = flagKeys.filter((key) => props[key] !== undefined);
    const [expected, actual] = [comparable(given(props)), comparable(parsed.config)];
    for (const key of keys) assert.deepEqual(actual[key], expected[key], key);
  };
  fc.assert(fc.property(good, run), { numRuns: 10 });
});

test('each kind of certificate sets its flags', () => {
  const args = (certificates: Certificates) => containerOf(renderChart({ certificates })).args?.slice(1);
  assert.deepEqual(args(Certificates.ownCa()), []);
  assert.deepEqual(args(Certificates.ownCa({ caDuration: Duration.hours(2), leafDuration: Duration.hours(1) })), [
    '--ca-duration=2h0m0s',
    '--leaf-duration=1h0m0s',
  ]);
  assert.deepEqual(args(Certificates.signingRequest({ signer: 'example.com/serving' })), [
    '--csr-signer=example.com/serving',
  ]);
  const files = ['--tls-cert=/etc/webhook/certs/tls.crt', '--tls-key=/etc/webhook/certs/tls.key'];
  assert.deepEqual(args(Certificates.certManager()), files);
  assert.deepEqual(args(Certificates.secret({ name: 'tls', caBundle: somePem })), ['--tls-secret=tls', ...files]);
});

test('the Secret is mounted where the flags say, when somebody else keeps it, and only then', () => {
  const manifests = renderChart({ certificates: Certificates.secret({ name: 'tls', caBundle: somePem }) });
  assert.deepEqual(podOf(manifests).volumes?.[1], {
    name: 'certificate',
    secret: { secretName: 'tls', defaultMode: 0o440 },
  });
  assert.deepEqual(containerOf(manifests).volumeMounts?.[1], {
    name: 'certificate',
    mountPath: '/etc/webhook/certs',
    readOnly: true,
  });
  assert.equal(podOf(renderChart()).volumes?.length, 1);
});

for (const { name, props } of propCombinations) {
  test(`pods meet the restricted Pod Security Standard but for the network of their node: ${name}`, () => {
    const pod = podOf(renderChart(props));
    const { runAsNonRoot, runAsUser = 0, seccompProfile, sysctls = [] } = pod.securityContext ?? {};
    assert.equal(runAsNonRoot, true);
    assert.ok(runAsUser > 0);
    assert.deepEqual(seccompProfile, { type: 'RuntimeDefault' });
    // one of the few that the standard allows
    for (const { name } of sysctls) assert.equal(name, 'net.ipv4.ip_unprivileged_port_start');
    for (const container of pod.containers) {
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      assert.ok(container.resources?.requests && container.resources.limits?.memory);
    }
    assert.equal(pod.hostNetwork, 'hostNetwork' in props ? true : undefined);
  });
}

test('a port that takes a privilege is allowed for by a sysctl, but not on the network of the node', () => {
  const sysctls = (props: Partial<PodIdentityWebhookProps>) => podOf(renderChart(props)).securityContext?.sysctls;
  const allowed = [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }];
  assert.equal(sysctls({}), undefined);
  assert.deepEqual(sysctls({ port: 443 }), allowed);
  assert.deepEqual(sysctls({ metricsPort: 80 }), allowed);
  assert.equal(sysctls({ metricsPort: 0 }), undefined);
});

test('the default token is not mounted: token, CA and namespace are, where clients look for them', () => {
  const manifests = renderChart();
  const { automountServiceAccountToken, serviceAccountName, volumes = [] } = podOf(manifests);
  assert.equal(automountServiceAccountToken, false);
  assert.equal(serviceAccountName, 'iam-for-pods');
  const sources = volumes[0]?.projected?.sources ?? [];
  const paths = sources.flatMap(({ serviceAccountToken, configMap, ...rest }) => [
    serviceAccountToken?.path ?? configMap?.items?.[0]?.path ?? Object.values(rest)[0]?.items?.[0]?.path,
  ]);
  assert.deepEqual(paths, ['token', 'ca.crt', 'namespace']);
  assert.equal(containerOf(manifests).volumeMounts?.[0]?.mountPath, '/var/run/secrets/kubernetes.io/serviceaccount');
});

test('a request or limit that is not given is the default, each by itself', () => {
  const { fromString } = k8s.Quantity;
  const resources = (props: Partial<PodIdentityWebhookProps>) => containerOf(renderChart(props)).resources;
  const requests = { cpu: '50m', memory: '80Mi' };
  const limits = { cpu: '1', memory: '256Mi' };
  assert.deepEqual(resources({}), { requests, limits });
  const memory = { requests: { memory: fromString('100Mi') }, limits: { memory: fromString('200Mi') } };
  assert.deepEqual(resources({ resources: memory, autoscaling: { maxReplicas: 3 } }), {
    requests: { ...requests, memory: '100Mi' },
    limits: { ...limits, memory: '200Mi' },
  });
  const cpu = { requests: { cpu: undefined }, limits: { cpu: fromString('2'), 'example.com/gpu': fromString('1') } };
  assert.deepEqual(resources({ resources: cpu as unknown as k8s.ResourceRequirements }), {
    requests,
    limits: { ...limits, cpu: '2', 'example.com/gpu': '1' },
  });
});

test('alive is asked at /livez, ready at /readyz, over TLS on the port of reviews', () => {
  const { startupProbe, livenessProbe, readinessProbe } = containerOf(renderChart());
  const probe = (path: string) => ({ path, port: 'https', scheme: 'HTTPS' });
  assert.deepEqual(startupProbe?.httpGet, probe('/livez'));
  assert.deepEqual(livenessProbe?.httpGet, probe('/livez'));
  assert.deepEqual(readinessProbe?.httpGet, probe('/readyz'));
});

test('the kubelet waits longer than the drain takes', () => {
  const grace = (props: Partial<PodIdentityWebhookProps>) => podOf(renderChart(props)).terminationGracePeriodSeconds;
  assert.equal(grace({}), 10 + 10 + 5);
  assert.equal(grace({ shutdownDelayDuration: Duration.seconds(30), shutdownTimeout: Duration.millis(1500) }), 37);
});

test('no webhook is asked about its own pods', () => {
  const { spec } = find<{ spec: { template: { metadata: { labels: Record<string, string> } } } }>(
    renderChart(),
    'Deployment',
  );
  assert.ok(Object.hasOwn(spec.template.metadata.labels, skipLabel));
});

test('priority is that of critical pods, another where it is given, none where it is empty', () => {
  const priority = (props: Partial<PodIdentityWebhookProps>) => podOf(renderChart(props)).priorityClassName;
  assert.equal(priority({}), 'system-cluster-critical');
  assert.equal(priority({ priorityClassName: 'mine' }), 'mine');
  assert.equal(priority({ priorityClassName: '' }), undefined);
});
