/** Test cluster: plain calls of the Kubernetes API over connections that stay open. Knows no kinds and retries nothing. */
import { Agent, type RequestOptions, request } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';

/** A JSON object of the API. What a test reads from it is checked by the test. */
export interface ApiObject {
  readonly [field: string]: unknown;
}

/** An answer of the API server. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: ApiObject;
  /** What the API server or a webhook warns of. */
  readonly warnings: string;
}

/** Calls of one API server, as one user. */
export interface ApiClient {
  readonly server: URL;
  /** The certificate authority of the API server, in PEM. */
  readonly authority: string | undefined;
  /** Returns the answer, whatever its status. @throws when no answer comes */
  call(method: string, path: string, body?: object): Promise<ApiAnswer>;
  close(): void;
}

const callLimitMs = 30_000;

/** Returns a client of the cluster that the kubeconfig file names. */
export async function openClient(kubeconfig: string): Promise<ApiClient> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const signedIn: RequestOptions = {};
  await config.applyToHTTPSOptions(signedIn);
  const { ca, cert, key, headers, servername } = signedIn;
  const secure = { ca, cert, key, ...(servername && { servername }) };
  const agent = new Agent({ ...secure, keepAlive: true, maxSockets: 50 });
  const server = new URL(config.getCurrentCluster()?.server ?? '');
  return {
    server,
    authority: ca?.toString(),
    call: (method, path, body) => send(new URL(path, server), { method, headers, agent, timeout: callLimitMs }, body),
    close: () => agent.destroy(),
  };
}

/** Returns the JSON answer to one request. @throws when the connection fails or nothing comes in time */
export function send(url: URL, options: RequestOptions, body?: object): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const type = options.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = { ...(options.headers as Record<string, string>), 'content-type': type };
    const call = request(url, { ...options, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, body: decode(Buffer.concat(chunks)), warnings: String(headers.warning ?? '') });
      });
    });
    call.on('timeout', () =>
      call.destroy(new Error(`${options.method} ${url.pathname}: no answer in ${callLimitMs} ms`)),
    );
    call.on('error', reject);
    call.end(body && JSON.stringify(body));
  });
}

/** Health checks answer with plain text. */
function decode(bytes: Buffer): ApiObject {
  const text = bytes.toString();
  return text.startsWith('{') ? (JSON.parse(text) as ApiObject) : { text };
}
