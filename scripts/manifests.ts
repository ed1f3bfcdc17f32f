/** Renders the app into a folder that is not committed, and finds in it what scripts need to know. Applies nothing. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { flags } from '../contract/flags.ts';
import type { KubeObject } from './kubectl.ts';

/** Where the rendered manifests are: dist/ is for the defaults. */
export const folder = '.run/manifests';

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
  /** Returns the value of a flag of the webhook, as given or by default. */
  readonly flag: (key: 'annotationPrefix' | 'csrSigner' | 'tlsSecret') => string;
}

/**
 * Renders the app as it is now, with the environment's IMAGE.
 * @param app the file of a cdk8s app
 * @throws when it cannot be rendered, or has no Deployment
 */
export function render(app = 'main.ts'): Installation {
  rmSync(folder, { recursive: true, force: true });
  execFileSync(process.execPath, [app], { stdio: 'inherit', env: { ...process.env, CDK8S_OUTDIR: folder } });
  const files = globSync('*.yaml', { cwd: folder }).sort();
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'));
  return readInstallation(texts.flatMap((text) => parseAllDocuments(text).map((row) => row.toJS() as KubeObject)));
}

/** Finds the webhook's Deployment among the objects. @throws when there is none */
export function readInstallation(objects: readonly KubeObject[]): Installation {
  const deployment = objects.find(({ kind }) => kind === 'Deployment') as Deployment | undefined;
  if (!deployment) throw new Error('the app renders no Deployment: there is nothing to wait for');
  const { name, namespace = 'default' } = deployment.metadata;
  const { serviceAccountName, containers } = deployment.spec.template.spec;
  const args = containers.flatMap((row) => row.args ?? []);
  return {
    objects,
    name,
    namespace,
    image: containers[0]?.image ?? '',
    labels: Object.entries(deployment.spec.selector.matchLabels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    user: `system:serviceaccount:${namespace}:${serviceAccountName}`,
    flag: (key) => {
      const start = `--${flags[key].flag}=`;
      return args.find((arg) => arg.startsWith(start))?.slice(start.length) ?? flags[key].fallback;
    },
  };
}
