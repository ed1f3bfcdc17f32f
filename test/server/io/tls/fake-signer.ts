/** Test support of io/tls: a signer with a CA of its own, and whoever approves requests. */
import { createPrivateKey, webcrypto } from 'node:crypto';
import { type MadePair, makeAuthority } from '../../../../server/io/tls/own-ca.ts';
import { loadX509 } from '../../../../server/io/tls/x509.ts';
import type { FakeObjects, StoredObject } from '../../../support/fake-objects.ts';

const prefix = '/apis/certificates.k8s.io/v1/certificatesigningrequests/';
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** The spec of a request, as the webhook makes it. */
export interface RequestSpec {
  readonly request: string;
  readonly signerName: string;
  readonly usages: readonly string[];
}

/** Signs what is approved, for an hour. */
export class FakeSigner {
  readonly authority: MadePair;
  readonly #api: FakeObjects;

  private constructor(api: FakeObjects, authority: MadePair) {
    this.#api = api;
    this.authority = authority;
  }

  /** Returns a signer whose CA is valid for a year. */
  static async create(api: FakeObjects, nowMs: number): Promise<FakeSigner> {
    return new FakeSigner(api, await makeAuthority({ nowMs, durationMs: 365 * 86_400_000 }));
  }

  /** All requests, the oldest first. */
  get requests(): readonly StoredObject[] {
    return [...this.#api.objects].filter(([path]) => path.startsWith(prefix)).map(([, object]) => object);
  }

  /** The request that was made last, parsed. */
  async parsed() {
    const x509 = await loadX509();
    const spec = this.requests.at(-1)?.spec as RequestSpec;
    return new x509.Pkcs10CertificateRequest(Buffer.from(spec.request, 'base64').toString());
  }

  /** Approves and signs the newest request. */
  async approve(nowMs: number): Promise<void> {
    const x509 = await loadX509();
    const issuer = new x509.X509Certificate(this.authority.cert);
    const request = await this.parsed();
    const certificate = await x509.X509CertificateGenerator.create({
      subject: request.subject,
      issuer: issuer.subject,
      notBefore: new Date(nowMs - 300_000),
      notAfter: new Date(nowMs + 3_600_000),
      publicKey: await request.publicKey.export(algorithm, ['verify'], webcrypto as Crypto),
      signingKey: createPrivateKey(this.authority.key).toCryptoKey(algorithm, false, ['sign']),
      signingAlgorithm: algorithm,
      extensions: request.extensions,
    });
    const cert = Buffer.from(`${certificate.toString('pem')}\n`).toString('base64');
    this.setStatus({ conditions: [{ type: 'Approved', status: 'True' }], certificate: cert });
  }

  /** Gives the newest request this status. */
  setStatus(status: object): void {
    const request = this.requests.at(-1);
    if (!request) throw new Error('there is no request');
    this.#api.put(prefix + request.metadata.name, { ...request, status });
  }

  /** Removes the newest request, as the garbage collector does. */
  forget(): void {
    const request = this.requests.at(-1);
    if (request) this.#api.remove(prefix + request.metadata.name);
  }
}
