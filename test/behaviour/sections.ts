/** Behaviour: all sections in the order in which users meet them. */
import { certificates } from './certificates.ts';
import { endpoints } from './endpoints.ts';
import { firstSecond } from './first-second.ts';
import { flags } from './flags.ts';
import { identities } from './identities.ts';
import { modes } from './modes.ts';
import { otherWebhooks } from './other-webhooks.ts';
import { pods } from './pods.ts';
import { requests } from './requests.ts';
import type { BehaviourSection } from './row.ts';

export const behaviourSections: readonly BehaviourSection[] = [
  identities,
  pods,
  otherWebhooks,
  requests,
  endpoints,
  flags,
  firstSecond,
  modes,
  certificates,
];
