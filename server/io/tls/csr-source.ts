/** IO: the issuer that is a signer of the cluster, asked by a CertificateSigningRequest. Approves nothing. */
import { join } from 'node:path';
import type { CertificateSource } from '../../ports.ts';
import { type FileRead, readText } from '../followed-file.ts';
import { defaultServiceAccountFolder } from '../kube/access.ts';
import { type Authority, readBundle, tryFindRoot } from './authorities.ts';
import {
  ClusterSource,
  type ClusterSourceOptions,
  type Issuer,
  type IssuerPorts,
  type Verdict,
} from './cluster-source.ts';
import { encodeData, type Leaf, pairData, readPair, type SecretData, textOf } from './kept.ts';
import { RequestKeeper } from './request-keeper.ts';
import { dueMs, settlingMs } from './rotation.ts';
import { makeRequestKey } from './signing-request.ts';

/** What the source is made with. */
export interface CsrSourceOptions extends ClusterSourceOptions {
  /** The CA of the cluster, which a signer may use: in the folder of the pod's service account. */
  readonly clusterCaPath: string;
}

/** Where a pod finds it. */
export const clusterCaPath = join(defaultServiceAccountFolder, 'ca.crt');

const about =
  'tls.crt and tls.key are served; signer is who signed; next.key is the key of the request that waits for approval. Kept by the webhook itself: when it is deleted, it is made again.';

/** Its own keys of the Secret, beside those of the pair. */
const keys = { signer: 'signer', nextKey: 'next.key' } as const;

/** Returns the source of certificates that `--csr-signer` signs. */
export function createCsrSource(options: CsrSourceOptions): CertificateSource {
  return new ClusterSource(options, { about, issuer: (ports) => new Csr(ports, options.clusterCaPath) });
}

/** Replicas share the pending key through the Secret, so they share one request, and a restart takes it up again. */
class Csr implements Issuer {
  readonly #ports: IssuerPorts;
  readonly #clusterCaPath: string;
  readonly #request: RequestKeeper;
  #problem: string | undefined;
  #remembered: { readonly data: SecretData; readonly endMs: number } | undefined;

  constructor(ports: IssuerPorts, clusterCaPath: string) {
    this.#ports = ports;
    this.#clusterCaPath = clusterCaPath;
    this.#request = new RequestKeeper(ports);
  }

  look(data: SecretData | null, serving: Leaf | undefined): Verdict {
    const leaf = this.#leafIn(data ?? {});
    if (data && leaf) this.#remembered = { data, endMs: leaf.endMs };
    else if (this.#restores(data)) return { serve: serving, turns: [] };
    if (leaf) this.#publish(leaf);
    const due = this.#dueMs(data ?? {}, leaf);
    if (this.#ports.clock.nowMs() >= due) this.#renew(data);
    else this.#request.forget();
    return { serve: this.#choose(leaf, serving), turns: this.#turns(due, leaf) };
  }

  /** A Secret that was deleted or torn is put back while what it held is of use: another request would need approval. */
  #restores(data: SecretData | null): boolean {
    const remembered = this.#remembered;
    if (remembered === undefined || this.#ports.clock.nowMs() >= remembered.endMs) return false;
    this.#ports.secret.write('what is still good', async () => ({ ...data, ...remembered.data }));
    return true;
  }

  problem(): string | undefined {
    return this.#problem ?? this.#request.problem();
  }

  stop(): void {
    this.#request.stop();
  }

  /** The pair in the data, with the CA that makes it trusted: one that is live, else the cluster's, else none. */
  #leafIn(data: SecretData): Leaf | undefined {
    const { dnsNames, registration } = this.#ports;
    const read = readPair(data, dnsNames[0]);
    if ('code' in read) return undefined;
    const { madeMs, ...pair } = read;
    const live = (registration.live[0]?.authorities ?? []).filter(
      ({ pem }) => registration.liveForMs(pem) !== undefined,
    );
    const issuer = tryFindRoot(pair.cert, live) ?? tryFindRoot(pair.cert, this.#clusterAuthorities()) ?? '';
    return { pair, madeMs, endMs: pair.notAfterMs, issuer };
  }

  #clusterAuthorities(): readonly Authority[] {
    const read: FileRead = readText(this.#clusterCaPath);
    return 'text' in read ? readBundle(read.text).authorities : [];
  }

  /** A caBundle that verifies the pair is left alone; one that does not is given the cluster's CA, if that does. */
  #publish(leaf: Leaf): void {
    const { registration, config } = this.#ports;
    const authority = readBundle(leaf.issuer).authorities[0];
    if (authority) {
      const lacking = registration.live.map(({ authorities }) => {
        const hasRoot = authorities.some(({ pem }) => pem === authority.pem);
        return hasRoot ? undefined : [authority, ...authorities.filter(({ pem }) => pem !== authority.pem)];
      });
      registration.publish(registration.liveForMs(authority.pem) === undefined ? lacking : []);
    }
    const { mutatingWebhookConfiguration: name, csrSigner } = config;
    const problem = authority
      ? undefined
      : `the certificate that ${csrSigner} signed is verified neither by the caBundle of MutatingWebhookConfiguration "${name}" nor by the cluster's CA; set the caBundle to the CA of that signer`;
    if (problem && problem !== this.#problem && registration.live.length > 0) this.#reportUnverified(problem);
    this.#problem = problem;
  }

  #reportUnverified(reason: string): void {
    const code = 'ca-bundle-unknown';
    this.#ports.metrics.survived(code);
    this.#ports.log.error('the API server would not trust the certificate', { code, reason });
  }

  /** A pair of another signer, or of a CA of our own, is replaced at once and served meanwhile. */
  #dueMs(data: SecretData, leaf: Leaf | undefined): number {
    const { config, spread } = this.#ports;
    if (leaf === undefined || textOf(data, keys.signer) !== config.csrSigner) return 0;
    return dueMs(leaf, spread);
  }

  #renew(data: SecretData | null): void {
    const { secret, config } = this.#ports;
    const key = textOf(data ?? {}, keys.nextKey);
    const isUsable = key !== '' && this.#request.follow(key);
    const { cert } = this.#request;
    if (!isUsable || this.#request.isGivenUp) secret.write('the key of a new request', () => withNewKey(data));
    else if (cert === undefined) this.#request.ask();
    else {
      const signed = { ...pairData({ cert, key }), ...encodeData({ [keys.signer]: config.csrSigner }) };
      secret.write('the signed certificate', async () => signed);
    }
  }

  #choose(leaf: Leaf | undefined, serving: Leaf | undefined): Leaf | undefined {
    if (leaf === undefined || !this.#isGood(leaf)) return serving;
    if (serving === undefined || !this.#isGood(serving)) return leaf;
    if (leaf.pair.cert === serving.pair.cert && leaf.issuer === serving.issuer) return serving;
    return leaf.issuer === serving.issuer || this.#isSettled(leaf) ? leaf : serving;
  }

  #isGood({ endMs, issuer }: Leaf): boolean {
    const { clock, registration } = this.#ports;
    return clock.nowMs() < endMs && registration.liveForMs(issuer) !== undefined;
  }

  #isSettled({ issuer, madeMs, endMs }: Leaf): boolean {
    const { registration, spread } = this.#ports;
    return (registration.liveForMs(issuer) ?? -1) >= settlingMs({ leafMs: endMs - madeMs, spread });
  }

  #turns(due: number, leaf: Leaf | undefined): readonly number[] {
    const nowMs = this.#ports.clock.nowMs();
    const settledMs = leaf ? nowMs + settlingMs({ leafMs: leaf.endMs - leaf.madeMs, spread: this.#ports.spread }) : 0;
    return [due, this.#request.againMs, leaf?.endMs ?? 0, settledMs].filter((ms) => ms > nowMs);
  }
}

/** What is there stays until the new certificate is signed. */
async function withNewKey(data: SecretData | null): Promise<SecretData> {
  const key = await makeRequestKey();
  return { ...pairData({ cert: '', key: '' }), ...data, ...encodeData({ [keys.nextKey]: key }) };
}
