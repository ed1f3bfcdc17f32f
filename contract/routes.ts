/** Contract: the URL paths that the server answers, and that probes, registration and scrapers ask for. */
export const routes = {
  mutate: '/mutate',
  healthz: '/healthz',
  livez: '/livez',
  readyz: '/readyz',
  metrics: '/metrics',
  debugCache: '/debug/alpha/cache',
  debugCacheClear: '/debug/alpha/cache/clear',
  debugDeny: '/debug/alpha/deny',
  debugFail: '/debug/alpha/500',
} as const;
