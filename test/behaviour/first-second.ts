/** Behaviour: service accounts that are as new as their pods, or that cannot be read. */
import type { BehaviourSection } from './row.ts';

export const firstSecond: BehaviourSection = {
  title: 'The first second of a service account',
  rows: [
    {
      id: 'cache-miss',
      since: 'today',
      what: 'An account that is not cached is asked for once, for all pods that wait for it, at a limited rate; the watch or the answer tells, whichever is first.',
      tests: [
        'server/io/kube/live-lookups: answers a miss by the watch event, when that is first',
        'server/io/kube/live-lookups: answers a miss by the GET, when that is first',
        'server/io/kube/live-lookups: shares one GET among all that wait for the same account',
        'server/io/kube/service-accounts: answers a thousand new accounts by their watch events, with a bounded number of GETs',
        'cluster/webhook: a pod made in the same instant as its account is mutated, 1,000 times',
      ],
    },
    {
      id: 'grace-period',
      since: 'today',
      what: '`--service-account-lookup-grace-period` is how long a pod waits for its account; 0s turns the wait off.',
      tests: [
        'server/io/kube/live-lookups: answers missing at the deadline, and at once for two seconds after',
        'server/io/kube/live-lookups: keeps within the deadline it is given',
        'server/io/kube/service-accounts: does not wait when the grace period is 0',
      ],
    },
    {
      id: 'account-not-found',
      since: 'ours',
      what: 'Not found in time, or not to be read: the pod is admitted unchanged, with a warning, a metric that has the reason, and a log line.',
      tests: [
        'cases: account-missing-is-warned',
        'cases: lookup-timed-out-is-warned',
        'cases: lookup-unavailable-is-warned',
        'server/pipeline: … is admitted without a patch, because of …',
      ],
    },
    {
      id: 'young-account',
      since: 'ours',
      what: 'An account without a role that is only seconds old counts as not cached: it may be annotated in a moment. An older one does not, and costs no request.',
      tests: [
        'server/io/kube/live-lookups: waits for the role of an account that was just made, without a GET at first',
        'server/io/kube/live-lookups: waits no longer than an account is young, and asks the server once',
        'server/io/kube/live-lookups: treats accounts of the first state as young by their creation time',
      ],
    },
    {
      id: 'negative-answers',
      since: 'ours',
      what: 'That an account is missing is remembered for two seconds.',
      tests: ['server/io/kube/live-lookups: asks again when "missing" is no longer fresh'],
    },
    {
      id: 'before-the-first-list',
      since: 'ours',
      what: 'A review that comes before the first full list is answered by a request for its account.',
      tests: [
        'server/io/kube/service-accounts: answers by a GET before the first list, with a grace period of … ms',
        'cluster/webhook: from the moment /healthz says 200 no pod is missed, with 300 accounts',
      ],
    },
  ],
};
