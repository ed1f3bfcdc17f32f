import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceMonitorSpec } from '../../imports/monitoring.coreos.com.ts';
import { find, renderChart } from '../support/charts.ts';

interface Service {
  readonly spec: { readonly ports: readonly { readonly name: string; readonly port: number }[] };
}

test('metrics are scraped over plain HTTP, at the port of the Service', () => {
  const manifests = renderChart({ serviceMonitor: { interval: '30s', labels: { release: 'prometheus' } } });
  const { metadata, spec } = find<{ spec: ServiceMonitorSpec }>(manifests, 'ServiceMonitor');
  assert.deepEqual(spec.endpoints, [{ port: 'metrics', path: '/metrics', interval: '30s' }]);
  assert.equal(metadata.labels?.release, 'prometheus');
  const service = find<Service>(manifests, 'Service');
  assert.deepEqual(
    service.spec.ports.map(({ name, port }) => [name, port]),
    [
      ['https', 443],
      ['metrics', 9999],
    ],
  );
  for (const [key, value] of Object.entries(spec.selector.matchLabels ?? {})) {
    assert.equal(service.metadata.labels?.[key], value);
  }
});

test('its own labels win over those of every object, but not over those of selectors', () => {
  const name = 'app.kubernetes.io/name';
  const options = { labels: { release: 'prometheus', [name]: 'other' } };
  const manifests = renderChart({ labels: { release: 'webhook' }, serviceMonitor: options, prometheusRule: options });
  for (const kind of ['ServiceMonitor', 'PrometheusRule']) {
    const { labels } = find(manifests, kind).metadata;
    assert.equal(labels?.release, 'prometheus', kind);
    assert.equal(labels?.[name], 'pod-identity-webhook', kind);
  }
});

test('without a port of their own they are scraped over TLS, whose CA Prometheus does not know', () => {
  const manifests = renderChart({ serviceMonitor: {}, metricsPort: 0 });
  const { spec } = find<{ spec: ServiceMonitorSpec }>(manifests, 'ServiceMonitor');
  const tls = { scheme: 'https', tlsConfig: { insecureSkipVerify: true } };
  assert.deepEqual(spec.endpoints, [{ port: 'https', path: '/metrics', ...tls }]);
  assert.equal(find<Service>(manifests, 'Service').spec.ports.length, 1);
});
