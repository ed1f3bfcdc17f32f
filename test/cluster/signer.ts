/** Test cluster: a signer of certificate signing requests, by the cluster's own authority. Approves nothing. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SigningRequest } from '../../scripts/signing-requests.ts';
import type { Cluster } from './cluster.ts';
import { run } from './processes.ts';

/** A signer at work. */
export interface Signer {
  /** Returns how many certificates it signed. */
  signed(): number;
  /** Ends it. @throws when it could not sign */
  stop(): Promise<void>;
}

interface Request extends SigningRequest {
  readonly spec: SigningRequest['spec'] & { readonly request: string };
  readonly status?: SigningRequest['status'] & { readonly certificate?: string };
}

/** Signs every approved request to this signer, looking twice a second, until it is stopped. */
export function signRequests(cluster: Cluster, signerName: string): Signer {
  let isStopped = false;
  let count = 0;
  const work = async (): Promise<void> => {
    for (; !isStopped; await pause(500)) {
      const { items } = JSON.parse(await cluster.kubectl(['get', 'csr', '-o', 'json'])) as {
        items: readonly Request[];
      };
      for (const request of items.filter((item) => item.spec.signerName === signerName && waitsForSigner(item))) {
        await sign(cluster, request);
        count++;
      }
    }
  };
  const ended = work();
  // told by stop(), not before: until then nobody waits for it
  ended.catch(() => undefined);
  const stop = async () => {
    isStopped = true;
    await ended;
  };
  return { signed: () => count, stop };
}

function waitsForSigner({ status }: Request): boolean {
  return status?.certificate === undefined && (status?.conditions ?? []).some(({ type }) => type === 'Approved');
}

/** Takes the names from the request, as a real signer does. */
async function sign(cluster: Cluster, { metadata, spec }: Request): Promise<void> {
  const folder = await mkdtemp(join(cluster.folder, 'signer-'));
  const [request, certificate] = ['request.pem', 'certificate.pem'].map((name) => join(folder, name)) as [
    string,
    string,
  ];
  const pki = join(cluster.folder, 'pki');
  await writeFile(request, Buffer.from(spec.request, 'base64'));
  const by = ['-CA', join(pki, 'ca.crt'), '-CAkey', join(pki, 'ca.key'), '-days', '1', '-copy_extensions', 'copy'];
  await run('openssl', ['x509', '-req', '-in', request, '-out', certificate, ...by]);
  const patch = { status: { certificate: (await readFile(certificate)).toString('base64') } };
  const args = [
    'patch',
    'csr',
    metadata.name,
    '--subresource=status',
    '--type=merge',
    `--patch=${JSON.stringify(patch)}`,
  ];
  await cluster.kubectl(args);
}
