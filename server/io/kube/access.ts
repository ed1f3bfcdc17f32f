/** IO, Kubernetes: finds out how to reach the API server and as whom. Sends nothing to it. */
import { existsSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { type KubeAccessFault, readCluster } from './kubeconfig.ts';

/** Names what decides how the API server is reached; the first three are flags. */
export interface KubeAccessOptions {
  readonly inCluster: boolean;
  /** URL that replaces the configuration's; empty: not. */
  readonly kubeApi: string;
  readonly kubeconfig: string;
  /** Variables of the process: HOME, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @default where the kubelet mounts the pod's token and CA */
  readonly serviceAccountFolder?: string;
}

/** How to reach the API server, and as whom. */
export interface KubeAccess {
  readonly server: URL;
  /** Resolves to what a request needs: pooled agent, CA, client certificate, authorization. Rejects when credentials cannot be had now. */
  requestOptions(): Promise<https.RequestOptions>;
  /** Makes the next request read configuration and credentials anew; after a 401. */
  refresh(): void;
  /** Closes idle connections. */
  close(): void;
}

const defaultKubeconfig = '~/.kube/config';
/** Where the kubelet mounts the pod's token, and the cluster's CA as `ca.crt`. */
export const defaultServiceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Watches hold two or three of these for good; live lookups share the rest, so a burst does not open a hundred TLS sessions. */
const maxConnections = 16;

/** Returns the way to the API server, or what is wrong with its configuration. That the server is away is not a fault here. */
export async function loadKubeAccess(
  options: KubeAccessOptions,
): Promise<{ readonly access: KubeAccess } | { readonly fault: KubeAccessFault }> {
  // Imported late, and by path: the package's index costs half a second and 80 MB, and manifests need none of it.
  const client = await import('@kubernetes/client-node/dist/config.js');
  const load = () => locate(new client.KubeConfig(), options);
  const loaded = load();
  return 'fault' in loaded ? loaded : { access: createAccess(loaded.config, load) };
}

type Loaded = { readonly config: KubeConfig } | { readonly fault: KubeAccessFault };

function locate(config: KubeConfig, options: KubeAccessOptions): Loaded {
  const { env, kubeApi, kubeconfig } = options;
  if (options.inCluster) return fromPod(config, options);
  const path = kubeconfig.startsWith('~/') ? join(env.HOME ?? '/', kubeconfig.slice(2)) : kubeconfig;
  if (kubeconfig === defaultKubeconfig && !existsSync(path)) {
    if (env.KUBERNETES_SERVICE_HOST) return fromPod(config, options);
    if (kubeApi !== '') return settle(config, { cluster: { name: 'kube-api', server: kubeApi, skipTLSVerify: false } });
  }
  const read = readCluster(config, path);
  return 'fault' in read ? read : settle(config, read, kubeApi);
}

function fromPod(config: KubeConfig, options: KubeAccessOptions): Loaded {
  const { env, serviceAccountFolder = defaultServiceAccountFolder } = options;
  const host = env.KUBERNETES_SERVICE_HOST;
  if (!host) {
    const message =
      'KUBERNETES_SERVICE_HOST is not set, so this is not a pod: run in a cluster, or pass --in-cluster=false with --kubeconfig';
    return { fault: { code: 'kube-not-in-cluster', message } };
  }
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${env.KUBERNETES_SERVICE_PORT ?? '443'}`;
  const cluster = { name: 'pod', server, caFile: join(serviceAccountFolder, 'ca.crt'), skipTLSVerify: false };
  const tokenFile = join(serviceAccountFolder, 'token');
  return settle(
    config,
    { cluster, user: { name: 'pod', authProvider: { name: 'tokenFile', config: { tokenFile } } } },
    options.kubeApi,
  );
}

type Target = { readonly cluster: KubeConfig['clusters'][number]; readonly user?: KubeConfig['users'][number] };

/** Reduces the configuration to one cluster and one user. */
function settle(config: KubeConfig, { cluster, user }: Target, kubeApi = ''): Loaded {
  const server = kubeApi || cluster.server;
  if (!/^https?:/.test(server) || !URL.canParse(server)) {
    const message = `the API server's URL is "${server}"; it must start with https:// or http://: correct it in the kubeconfig, or pass --kube-api`;
    return { fault: { code: 'kube-bad-url', message } };
  }
  // The package refuses plain HTTP (as of `kubectl proxy`) unless there is no certificate to check, and ignores the CA without a user.
  const skipTLSVerify = cluster.skipTLSVerify || server.startsWith('http:');
  const who = user ?? { name: 'anonymous' };
  config.loadFromOptions({
    clusters: [{ ...cluster, server, skipTLSVerify }],
    users: [who],
    contexts: [{ name: 'current', cluster: cluster.name, user: who.name }],
    currentContext: 'current',
  });
  return { config };
}

function createAccess(first: KubeConfig, load: () => Loaded): KubeAccess {
  const server = new URL(first.clusters[0]?.server ?? '');
  const pool = { keepAlive: true, keepAliveMsecs: 30_000, maxSockets: maxConnections };
  // One agent for all: it keeps connections of different certificates apart, so these may change while it is used.
  const agent = server.protocol === 'http:' ? new http.Agent(pool) : new https.Agent(pool);
  let config = first;
  let isStale = false;
  return {
    server,
    async requestOptions() {
      if (isStale) {
        const loaded = load();
        if ('fault' in loaded) throw new Error(loaded.fault.message);
        config = loaded.config;
        isStale = false;
      }
      const options: https.RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      return config.clusters[0]?.proxyUrl ? options : { ...options, agent };
    },
    refresh() {
      isStale = true;
    },
    close() {
      agent.destroy();
    },
  };
}
