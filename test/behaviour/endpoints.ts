/** Behaviour: what else is served. */
import type { BehaviourSection } from './row.ts';

export const endpoints: BehaviourSection = {
  title: 'Other endpoints',
  rows: [
    {
      id: 'healthz',
      since: '2019',
      what: '`/healthz` on `--port`: 200 `ok`; before the first full list of service accounts, or without a certificate, 503 with the reasons.',
      tests: [
        'server/http/routes: /healthz is 200 ok when every check passes',
        'server/http/routes: /healthz and /readyz are 503 with the reasons, while /livez stays 200',
        'server/io/kube/service-accounts: says why it is not ready, until the first state is whole, and then never again',
        'server/io/tls/file-source: is not ready without files, says why, and picks them up when they appear',
      ],
    },
    {
      id: 'livez-readyz',
      since: 'ours',
      what: '`/livez` is alive, `/readyz` is ready and lists each check with `?verbose`.',
      tests: [
        'server/http/routes: /readyz?verbose lists each check',
        'charts/pod: alive is asked at /livez, ready at /readyz, over TLS on the port of reviews',
      ],
    },
    {
      id: 'metrics',
      since: '2019',
      what: '`/metrics` on `--port`, and on plain HTTP at `--metrics-port`, 9999, which 0 turns off.',
      tests: [
        'server/http/routes: /metrics shows the exposition',
        'server/serve: metrics are on their own port without TLS, and on the main one',
        'server/io/metrics: is of the media type that Prometheus asks for',
      ],
    },
    {
      id: 'metrics-of-the-go-webhook',
      since: 'today',
      what: '`http_request_count`, `http_request_latencies`, `http_request_duration_microseconds`, `pod_identity_webhook_used`, `pod_identity_webhook_pod_count{method}`, `pod_identity_webhook_missing_sa_count`.',
      tests: [
        'server/io/metrics/requests: counts requests under the names of the Go webhook, in microseconds',
        'server/io/metrics/requests: summarises the latest requests, in microseconds',
        'server/io/metrics: counts a mutated pod under the names of the Go webhook and under outcome and reason',
        'server/io/metrics: counts an account as missing unless its lookup found it',
      ],
    },
    {
      id: 'metrics-of-ours',
      since: 'ours',
      what: 'Durations in seconds with buckets from 0.1 ms, one counter of outcomes and reasons, the age of each cache, the end of the certificate, and whether it is ready. What alerts are about is 0 from the start.',
      tests: [
        'server/io/metrics/requests: counts requests in seconds, by route and status',
        'server/io/metrics: tells the age of each cache by the clock at the time of the scrape, never below zero',
        'server/io/metrics: tells at each scrape whether all is well that makes the webhook ready',
        'server/io/metrics: shows what alerts are about as 0 before it happens, so that its first time is an increase',
        'server/io/metrics: tells the end of the certificate, events of the watch, faults and the build',
      ],
    },
    {
      id: 'alerts-and-dashboard',
      since: 'ours',
      what: 'The prop `prometheusRule` adds alerts, and [grafana-dashboard.json](grafana-dashboard.json) is a dashboard.',
      tests: [
        'charts/prometheus-rule: every metric that an alert is about is one that the server has',
        'charts/prometheus-rule: there is an alert for everything that lets pods go without their identity',
        'dashboard: every metric of the dashboard is one that the server has, with the labels it is asked for',
      ],
    },
    {
      id: 'debug',
      since: 'today',
      what: '`/debug/alpha/cache`, `/debug/alpha/cache/clear`, `/debug/alpha/deny` and `/debug/alpha/500` on `--port`, only with `--enable-debugging-handlers`.',
      tests: [
        'server/http/routes: /debug/alpha is not served unless asked for',
        'server/http/routes: /debug/alpha shows and clears the cache, denies and fails on demand',
      ],
    },
  ],
};
