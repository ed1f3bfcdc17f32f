/** Test support: the metrics that the server exposes, with their labels, and those that a PromQL expression asks for. */
import { createMetrics } from '../../server/io/metrics.ts';
import { FakeClock } from './fake-clock.ts';

/** Labels that Prometheus adds, or that are made of buckets. */
const added = ['namespace', 'pod', 'instance', 'job', 'le'];
const names = /\b(?:pod_identity_webhook|process|nodejs|http)_\w+/g;

/** Returns the names of all series, `_bucket`, `_sum` and `_count` included, each with its labels. */
export async function readExposedMetrics(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const usage = { residentBytes: () => 1, cpuSeconds: () => 1 };
  const metrics = createMetrics({ clock: new FakeClock(), version: '1', usage });
  metrics.ready([]);
  metrics.decided({ outcome: 'mutated', reason: 'MUTATED', method: 'web-identity' });
  metrics.requested('/mutate', 200, 1);
  metrics.looked('live', 1);
  metrics.watched('serviceaccounts', 'event');
  metrics.cached('serviceaccounts', 1, 0);
  metrics.survived('INTERNAL');
  metrics.certificate(0);
  const lines = (await metrics.render()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const series = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of lines.map((line) => /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [])) {
    const known = series.get(name) ?? new Set(added);
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    series.set(name, known);
  }
  return series;
}

/** Returns what of a PromQL expression no series has: names of metrics, and labels it selects or groups by. */
export function strangersIn(expr: string, series: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const asked = expr.match(names) ?? [];
  const labels = new Set(asked.flatMap((name) => [...(series.get(name) ?? [])]));
  const groups = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
  const selected = [...expr.matchAll(/[{,](\w+)=/g)].map(([, label = '']) => label);
  const strangers = [
    ...asked.filter((name) => !series.has(name)),
    ...[...groups, ...selected].filter((one) => !labels.has(one)),
  ];
  return asked.length === 0 ? [`no metric in ${expr}`] : strangers;
}
