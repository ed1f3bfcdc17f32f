import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordingMetrics } from './recording-metrics.ts';

test('keeps calls in order and finds those of one method', () => {
  const metrics = new RecordingMetrics();
  metrics.requested('/mutate', 200, 0.5);
  metrics.survived('watch-handler-failed');
  metrics.requested('other', 404, 0.1);
  assert.deepEqual(metrics.of('requested'), [
    ['/mutate', 200, 0.5],
    ['other', 404, 0.1],
  ]);
  assert.deepEqual(metrics.calls[1], ['survived', 'watch-handler-failed']);
});
