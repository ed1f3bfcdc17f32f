import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readExposedMetrics, strangersIn } from './support/exposed-metrics.ts';
import { root } from './support/program.ts';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly datasource: object;
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string; readonly datasource: object }[];
}

const text = readFileSync(join(root, 'docs/grafana-dashboard.json'), 'utf8');
const { panels, templating } = JSON.parse(text) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
};

test('every metric of the dashboard is one that the server has, with the labels it is asked for', async () => {
  const series = await readExposedMetrics();
  assert.ok(panels.length > 0);
  for (const { title, targets } of panels) {
    assert.ok(targets.length > 0, title);
    for (const { expr } of targets) assert.deepEqual(strangersIn(expr, series), [], `${title}: ${expr}`);
  }
});

test('every metric of ours is on the dashboard', async () => {
  const names = [...(await readExposedMetrics()).keys()].filter((name) => name.startsWith('pod_identity_webhook_'));
  // the Go webhook's names say less than decisions_total does, and sums are for means
  const left = /_(pod_count|missing_sa_count|seconds_sum)$/;
  assert.deepEqual(
    names.filter((name) => !left.test(name) && !text.includes(name)),
    [],
  );
});

test('a metric or a label that nobody has is noticed', async () => {
  const series = await readExposedMetrics();
  assert.deepEqual(strangersIn('rate(pod_identity_webhook_uses[5m])', series), ['pod_identity_webhook_uses']);
  assert.deepEqual(strangersIn('sum by (kind) (pod_identity_webhook_used{code="a"})', series), ['kind', 'code']);
  assert.deepEqual(strangersIn('up', series), ['no metric in up']);
});

test('it can be imported anywhere: the data source is chosen there', () => {
  const datasource = panels[0]?.datasource;
  assert.match(JSON.stringify(datasource), /^\{"type":"prometheus","uid":"\$\{datasource\}"\}$/);
  for (const panel of panels) {
    for (const part of [panel, ...panel.targets]) assert.deepEqual(part.datasource, datasource, panel.title);
  }
  assert.equal(templating.list.find(({ name }) => name === 'datasource')?.query, 'prometheus');
  assert.doesNotMatch(text, /__inputs|\$\{DS_/);
});

test('each panel has an id of its own', () => {
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
});
