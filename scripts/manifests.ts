/** Renders the app into a folder that is not committed, and finds in it what scripts need to know. Applies nothing. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { given } from '../charts/given.ts';
import { type CertificateMode, certificateMode } from '../contract/certificate-mode.ts';
import { flags } from '../contract/flags.ts';
import type { KubeObject } from './kubectl.ts';

/** Where the rendered manifests are: dist/ is for the defaults. */
export const folder = '.run/manifests';

/** What the constructs label every object of the webhook with. */
const webhookLabel = { 'app.kubernetes.io/name': 'pod-identity-webhook' } as const;

/** The parts of a Deployment that scripts read. */
export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly spec: {
        readonly serviceAccountName: string;
        readonly containers: readonly { readonly image: string; readonly args?: readonly string[] }[];
      };
    };
  };
}

/** What is about to be in the cluster. */
export interface Installation {
  readonly objects: readonly KubeObject[];
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly labels: string;
  /** The user as which the webhook calls the API server. */
  readonly user: string;
  /** Where the serving certificate comes from. */
  readonly mode: CertificateMode;
  /** Returns the value of a flag of the webhook, as given or by default. */
  readonly flag: (key: 'annotationPrefix' | 'csrSigner' | 'tlsSecret') => string;
}

/**
 * Renders the app as it is now, with the environment's IMAGE.
 * @param app the file of a cdk8s app
 * @throws when it cannot be rendered, or has no Deployment of the webhook
 */
export function render(app = 'main.ts'): Installation {
  rmSync(folder, { recursive: true, force: true });
  execFileSync(process.execPath, [app], { stdio: 'inherit', env: { ...process.env, CDK8S_OUTDIR: folder } });
  const files = globSync('*.yaml', { cwd: folder }).sort();
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'));
  return readInstallation(texts.flatMap((text) => parseAllDocuments(text).map((row) => row.toJS() as KubeObject)));
}

/** Finds the webhook's Deployment among the objects, by its label. @throws when there is none */
export function readInstallation(objects: readonly KubeObject[]): Installation {
  const deployment = objects.find(isWebhook);
  if (!deployment) {
    const label = Object.entries(webhookLabel)[0]?.join('=');
    throw new Error(`the app renders no Deployment with the label ${label}: there is nothing to wait for`);
  }
  const { name, namespace = 'default' } = deployment.metadata;
  const { serviceAccountName, containers } = deployment.spec.template.spec;
  const args = containers.flatMap((row) => row.args ?? []);
  const givenFlag = (key: 'annotationPrefix' | 'csrSigner' | 'tlsCert' | 'tlsSecret') => {
    const start = `--${flags[key].flag}=`;
    return args.find((arg) => arg.startsWith(start))?.slice(start.length);
  };
  return {
    objects,
    name,
    namespace,
    image: containers[0]?.image ?? '',
    labels: Object.entries(deployment.spec.selector.matchLabels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    user: `system:serviceaccount:${namespace}:${serviceAccountName}`,
    mode: certificateMode(given({ tlsCert: givenFlag('tlsCert'), csrSigner: givenFlag('csrSigner') })),
    flag: (key) => givenFlag(key) ?? flags[key].fallback,
  };
}

/** An app may have Deployments of other programs as well. */
function isWebhook(object: KubeObject): object is Deployment {
  const { kind, metadata } = object;
  return (
    kind === 'Deployment' && Object.entries(webhookLabel).every(([key, value]) => metadata.labels?.[key] === value)
  );
}
