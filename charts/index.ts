/** Charts: the package's public face. Defines nothing. */
export type { DurationValue } from '../contract/flag-types.ts';
export type { FlagProps } from '../contract/flags.ts';
export type { WebhookAutoscaler } from './autoscaler.ts';
export type { CertManagerCertificate } from './cert-manager.ts';
export {
  Certificates,
  type CertManagerIssuer,
  type CertManagerOptions,
  type OwnCaOptions,
  type SecretOptions,
  type SigningRequestOptions,
} from './certificates.ts';
export type { Compatibility } from './compatibility.ts';
export type { WebhookDeployment } from './deployment.ts';
export type { WebhookDisruptionBudget } from './disruption-budget.ts';
export { IamServiceAccount, type IamServiceAccountProps } from './iam-service-account.ts';
export type { WebhookIdentities } from './identities.ts';
export type { WebhookNetworkPolicy } from './network-policy.ts';
export { PodIdentity, type PodIdentityOptions } from './pod-identity.ts';
export type { WebhookAlerts } from './prometheus-rule.ts';
export type { WebhookRights } from './rbac.ts';
export type { WebhookRegistration } from './registration.ts';
export type { WebhookService } from './service.ts';
export type { WebhookServiceMonitor } from './service-monitor.ts';
export { PodIdentityWebhook } from './webhook.ts';
export { PodIdentityWebhookChart } from './webhook-chart.ts';
export type {
  AutoscalingOptions,
  DeploymentProps,
  IdentityEntry,
  MonitorOptions,
  NetworkPolicyOptions,
  PodIdentityWebhookProps,
  ServiceMonitorOptions,
} from './webhook-props.ts';
