/** Charts: sound props -> what every construct asks of them, with defaults filled in. Judges nothing. */
import { type CertificateMode, certificateMode } from '../contract/certificate-mode.ts';
import { type Config, type FlagProps, fallbacks, flagKeys } from '../contract/flags.ts';
import { certificateFlags } from './certificates.ts';
import { compatibilityFlags } from './compatibility.ts';
import { given } from './given.ts';
import { selectorLabels } from './labels.ts';
import type { PodIdentityWebhookProps } from './webhook-props.ts';

/** The webhook's port in its pods. The flag's own default, 443, takes a privilege. */
export const defaultPort = 8443;
/** How many pods there are where nothing else is said: one may go at any time. */
export const defaultReplicas = 2;
/** How much longer than the server's own deadline the API server waits, in seconds: connection, TLS, the way back. */
const answerMarginSeconds = 4;
/** The most that the API server allows. */
const maxTimeoutSeconds = 30;

/** What the webhook is deployed with. */
export interface Settings {
  readonly props: PodIdentityWebhookProps;
  /** The flags that are given, to the construct or by it. */
  readonly flags: FlagProps;
  /** Every flag. */
  readonly config: Config;
  readonly mode: CertificateMode;
  /** The labels of the webhook's pods by which they are found. */
  readonly selector: Record<string, string>;
  readonly replicas: number;
  readonly timeoutSeconds: number;
}

/** Returns the settings. @param namespace where the props name none */
export function settle(props: PodIdentityWebhookProps, namespace: string): Settings {
  const names = { ...namesAfter(props.serviceName), ...compatibilityFlags[props.compatibility ?? '2019'] };
  const flags = givenFlags({ port: defaultPort, namespace, ...names, ...given(props) });
  const config = { ...fallbacks, ...flags };
  const graceSeconds = config.serviceAccountLookupGracePeriod.toMilliseconds() / 1000;
  return {
    props,
    flags,
    config,
    mode: certificateMode(flags),
    selector: selectorLabels(config.serviceName),
    replicas: props.replicas ?? defaultReplicas,
    timeoutSeconds: props.timeoutSeconds ?? Math.min(maxTimeoutSeconds, Math.ceil(graceSeconds) + answerMarginSeconds),
  };
}

/** Returns name, namespace, labels and annotations of an object of the webhook. */
export function metadata({ props, config, selector }: Settings, name = config.serviceName) {
  return given({
    name,
    namespace: config.namespace,
    labels: { ...props.labels, ...selector },
    annotations: props.annotations,
  });
}

/** Returns the same for an object that is in no namespace: it has the registration's name, which is as unique. */
export function clusterMetadata(settings: Settings) {
  const { namespace, ...rest } = metadata(settings, settings.config.mutatingWebhookConfiguration);
  return rest;
}

/** Returns the names that follow that of the Service: a second webhook shares no object with the first. */
function namesAfter(serviceName: string | undefined): FlagProps {
  return given({ tlsSecret: serviceName, mutatingWebhookConfiguration: serviceName });
}

function givenFlags(props: PodIdentityWebhookProps): FlagProps {
  const flags = Object.fromEntries(flagKeys.map((key) => [key, props[key]]));
  const identities = props.identities && { watchConfigMap: true };
  const certificates = props.certificates && certificateFlags(props.certificates);
  return given({ ...flags, ...identities, ...certificates });
}
