/** Test cluster: another mutating webhook, in this process. What it does to a pod is told by the path of the request. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { createAuthority, issueCertificate } from './certificates.ts';

/** The parts of a pod that injectors change. */
export interface InjectedPod {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: InjectedSpec;
}

/** See above. */
export interface InjectedSpec {
  readonly containers: readonly InjectedContainer[];
  readonly volumes?: readonly { readonly name: string; readonly [field: string]: unknown }[];
}

interface InjectedContainer {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
  readonly [field: string]: unknown;
}

/** Returns the spec that the pod has after it. */
export type Injection = (spec: InjectedSpec) => InjectedSpec;

/** A webhook that serves each injection at the path of its name. */
export interface Injector {
  readonly authority: string;
  urlOf(name: string): string;
  close(): Promise<void>;
}

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: { readonly uid: string; readonly object: InjectedPod };
}

/** Starts it. @param address by which the API server reaches this machine */
export async function startInjector(
  address: string,
  injections: Readonly<Record<string, Injection>>,
): Promise<Injector> {
  const folder = await mkdtemp(join(tmpdir(), 'injector-'));
  await createAuthority(folder);
  await issueCertificate(folder, 'injector', [`IP:${address}`]);
  const [authority, cert, key] = await Promise.all(
    ['ca.crt', 'injector.crt', 'injector.key'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  const server = createServer({ cert, key }, async (request, response) => {
    const review = (await json(request)) as Review;
    const inject = injections[new URL(request.url ?? '/', 'https://a').pathname.slice(1)];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer(review, inject)));
  });
  server.keepAliveTimeout = 100_000;
  server.listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    authority: authority ?? '',
    urlOf: (name) => `https://${address}:${port}/${name}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

/** Replaces the spec whole, as injectors that know its type do. */
function answer({ apiVersion, kind, request: { uid, object } }: Review, inject: Injection | undefined): object {
  const patch = inject ? [{ op: 'replace', path: '/spec', value: inject(object.spec) }] : [];
  const encoded = Buffer.from(JSON.stringify(patch)).toString('base64');
  return { apiVersion, kind, response: { uid, allowed: true, patchType: 'JSONPatch', patch: encoded } };
}
