/** Behaviour: other webhooks that change pods, the Go webhook among them. */
import type { BehaviourSection } from './row.ts';

export const otherWebhooks: BehaviourSection = {
  title: 'Beside other webhooks',
  rows: [
    {
      id: 'reinvocation',
      since: 'today',
      what: 'Containers that another webhook adds later get the identity too: the registration asks to be called again.',
      tests: [
        'charts/registration: the API server asks about the creation of pods, and creates them when nobody answers',
        'cases: container-injected-later-shares-the-token-volume',
        'cluster/injectors: a sidecar that is added after us is equipped too, because we are asked again',
      ],
    },
    {
      id: 'taken-by-others',
      since: 'ours',
      what: 'Where another webhook has taken our path or name before, the pod is created, and its variables lead to the token.',
      tests: [
        'cluster/injectors: where another webhook has mounted something at our path, the token is elsewhere',
        'cluster/injectors: where another webhook has brought a volume of our name, ours has another',
      ],
    },
    {
      id: 'drop-in',
      since: 'ours',
      what: 'It takes over from the Go webhook while pods are created, beside it or in place of it, and none goes without its role: [migration.md](migration.md) says how.',
      tests: [
        'cluster/injectors: what the Go webhook has made of a pod stays as it is, then and when it is admitted again',
        'cluster/injectors: no pod is lost while both are registered, …, and while the other leaves',
        'cluster/injectors: no pod is lost while our registration takes the place of the Go one',
        'migration: the tables of flags and values name props that exist',
        "charts/compatibility: 'eks' is short for four flags and changes nothing else",
      ],
    },
  ],
};
