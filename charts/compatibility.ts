/** Charts: the names that users of other webhooks know, as flags. Renders nothing. */
import type { FlagProps } from '../contract/flags.ts';

/** Whose names the webhook's objects and volumes have. */
export type Compatibility = '2019' | 'eks';

/** The name of nearly everything in the Go webhook's manifests. */
const goName = 'pod-identity-webhook';

/** The flags that differ from their fallbacks. Props that are given win over them. */
export const compatibilityFlags: { readonly [K in Compatibility]: FlagProps } = {
  '2019': {},
  eks: {
    tokenVolumeName: 'aws-iam-token',
    serviceName: goName,
    tlsSecret: goName,
    mutatingWebhookConfiguration: goName,
  },
};
