/** Charts: the webhook whole, as a construct: which objects it has. What is in them stands in a file each. */
import { Chart } from 'cdk8s';
import { ServiceAccount } from 'cdk8s-plus-27';
import { Construct, type IConstruct } from 'constructs';
import { fallbacks } from '../contract/flags.ts';
import { WebhookAutoscaler } from './autoscaler.ts';
import { CertManagerCertificate } from './cert-manager.ts';
import { WebhookDeployment } from './deployment.ts';
import { WebhookDisruptionBudget } from './disruption-budget.ts';
import { checkWebhookProps } from './faults.ts';
import { WebhookIdentities } from './identities.ts';
import { WebhookNetworkPolicy } from './network-policy.ts';
import { WebhookAlerts } from './prometheus-rule.ts';
import { WebhookRights } from './rbac.ts';
import { WebhookRegistration } from './registration.ts';
import { WebhookService } from './service.ts';
import { WebhookServiceMonitor } from './service-monitor.ts';
import { metadata, type Settings, settle } from './settings.ts';
import type { PodIdentityWebhookProps } from './webhook-props.ts';

/**
 * A pod identity webhook and all that it needs in a cluster, save its namespace. Its objects are properties: what no prop
 * says, say with `ApiObject.of(webhook.deployment).addJsonPatch(...)`. Wrong props fail at synth, all at once.
 */
export class PodIdentityWebhook extends Construct {
  readonly serviceAccount: ServiceAccount;
  readonly rights: WebhookRights;
  /** Undefined where the certificate is not cert-manager's. */
  readonly certificate: CertManagerCertificate | undefined;
  /** Undefined without the prop `identities`. */
  readonly identities: WebhookIdentities | undefined;
  readonly deployment: WebhookDeployment;
  /** Undefined with the prop `url`. */
  readonly service: WebhookService | undefined;
  readonly disruptionBudget: WebhookDisruptionBudget;
  /** Undefined without the prop `autoscaling`. */
  readonly autoscaler: WebhookAutoscaler | undefined;
  /** Undefined without the prop `networkPolicy`. */
  readonly networkPolicy: WebhookNetworkPolicy | undefined;
  /** Undefined without the prop `serviceMonitor`. */
  readonly serviceMonitor: WebhookServiceMonitor | undefined;
  /** Undefined without the prop `prometheusRule`. */
  readonly alerts: WebhookAlerts | undefined;
  readonly registration: WebhookRegistration;

  constructor(scope: Construct, id: string, props: PodIdentityWebhookProps) {
    super(scope, id);
    const namespace = Chart.of(this).namespace ?? fallbacks.namespace;
    const { faults, soundProps } = checkWebhookProps(props, namespace);
    this.node.addValidation({ validate: () => [...faults] });
    const settings = settle(soundProps, namespace);
    const optional = { scope: this, settings };
    this.serviceAccount = new ServiceAccount(this, 'service-account', {
      metadata: metadata(settings),
      automountToken: false,
    });
    this.rights = new WebhookRights(this, 'rights', settings);
    this.certificate = this.#certManager(settings);
    this.identities = make(WebhookIdentities, soundProps.identities, { ...optional, id: 'identities' });
    this.service = soundProps.url ? undefined : new WebhookService(this, 'service', settings);
    this.deployment = new WebhookDeployment(this, 'deployment', settings);
    this.disruptionBudget = new WebhookDisruptionBudget(this, 'disruption-budget', settings);
    this.autoscaler = make(WebhookAutoscaler, soundProps.autoscaling, { ...optional, id: 'autoscaler' });
    this.networkPolicy = make(WebhookNetworkPolicy, soundProps.networkPolicy, { ...optional, id: 'network-policy' });
    this.serviceMonitor = make(WebhookServiceMonitor, soundProps.serviceMonitor, {
      ...optional,
      id: 'service-monitor',
    });
    this.alerts = make(WebhookAlerts, soundProps.prometheusRule, { ...optional, id: 'alerts' });
    this.registration = new WebhookRegistration(this, 'registration', settings);
    this.#applyInOrder();
  }

  #certManager(settings: Settings): CertManagerCertificate | undefined {
    const { certificates } = settings.props;
    if (certificates?.kind !== 'cert-manager') return undefined;
    return new CertManagerCertificate(this, 'certificate', { ...settings, options: certificates });
  }

  /** Makes the order above that of the manifest: pods have their account and rights, the registration its Service. */
  #applyInOrder(): void {
    const { children } = this.node;
    for (const [at, child] of children.slice(1).entries()) child.node.addDependency(children[at] as IConstruct);
  }
}

type Optional<C, O> = new (scope: Construct, id: string, settings: Settings & { readonly options: O }) => C;

/** Returns the construct of an opt-in prop, or undefined where the prop is not given. */
function make<C, O>(
  type: Optional<C, O>,
  options: O | undefined,
  { scope, id, settings }: { readonly scope: Construct; readonly id: string; readonly settings: Settings },
): C | undefined {
  return options === undefined ? undefined : new type(scope, id, { ...settings, options });
}
