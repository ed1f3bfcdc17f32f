/** IO: creates and follows one CertificateSigningRequest at a time. Keeps no key and stores no certificate. */
import { access } from '../../../contract/access.ts';
import { Attempts } from '../kube/attempts.ts';
import { writeObject } from '../kube/conditional-write.ts';
import { type FollowedObject, followObject } from '../kube/followed-object.ts';
import type { IssuerPorts } from './cluster-source.ts';
import { pairData, readPair } from './kept.ts';
import { makeSigningRequest, type RequestState, stateOfRequest, tryNameRequest } from './signing-request.ts';

const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

/** Who refuses a request does so for a reason that people must mend first. */
const refusedPauseMs = 300_000;

interface Followed {
  readonly name: string;
  readonly key: string;
  readonly object: FollowedObject;
}

/** The request of the key that is pending. */
export class RequestKeeper {
  readonly #ports: IssuerPorts;
  readonly #attempts: Attempts;
  readonly #stop = new AbortController();
  #followed: Followed | undefined;
  #refusedMs: number | undefined;
  #told: string | undefined;

  constructor(ports: IssuerPorts) {
    this.#ports = ports;
    this.#attempts = new Attempts({ ...ports, again: ports.onChange, failed: (reason) => this.#reportFailed(reason) });
  }

  /** Follows the request of this key. Returns false when it is no key. */
  follow(key: string): boolean {
    if (this.#followed?.key === key) return true;
    this.forget();
    const name = tryNameRequest(key, this.#ports.config.serviceName);
    if (name === undefined) return false;
    const object = followObject({
      ...this.#ports,
      path,
      name,
      access: access.signingRequests,
      onChange: () => {
        this.#attempts.heard();
        this.#ports.onChange();
      },
    });
    this.#followed = { name, key, object };
    object.start();
    return true;
  }

  /** Follows none. */
  forget(): void {
    this.#followed?.object.stop();
    this.#followed = undefined;
    this.#refusedMs = undefined;
    this.#told = undefined;
  }

  stop(): void {
    this.#stop.abort();
    this.#attempts.stop();
    this.forget();
  }

  /** Creates the request if there is none, and tells people what it waits for. */
  ask(): void {
    const { followed, state } = { followed: this.#followed, state: this.#state };
    if (followed === undefined) return;
    if (followed.object.current() === null) this.#create(followed);
    if (state?.kind === 'pending') this.#tell(followed.name, `kubectl certificate approve ${followed.name}`);
    if (state?.kind === 'refused') this.#refuse(state.reason);
    if (state?.kind === 'issued') this.#refuse(`the signer's answer cannot be used: ${this.#faultOf(state.cert)}`);
  }

  /** The certificate that was issued, if it is good for the key. */
  get cert(): string | undefined {
    const state = this.#state;
    return state?.kind === 'issued' && this.#faultOf(state.cert) === undefined ? state.cert : undefined;
  }

  /** When a refused request may be made again, in milliseconds since 1970; 0: it is not refused. */
  get againMs(): number {
    return this.#refusedMs === undefined ? 0 : this.#refusedMs + refusedPauseMs;
  }

  /** Says whether it was refused, and the pause is over. */
  get isGivenUp(): boolean {
    return this.#refusedMs !== undefined && this.#ports.clock.nowMs() >= this.againMs;
  }

  /** Says what it waits for. */
  problem(): string | undefined {
    return this.#attempts.fault ?? this.#told ?? this.#followed?.object.lastFault();
  }

  get #state(): RequestState | undefined {
    const object = this.#followed?.object.current();
    return object ? stateOfRequest(object) : undefined;
  }

  #faultOf(cert: string): string | undefined {
    const { dnsNames } = this.#ports;
    const read = readPair(pairData({ cert, key: this.#followed?.key ?? '' }), dnsNames[0]);
    return 'code' in read ? read.message : undefined;
  }

  #create({ name, key, object }: Followed): void {
    const { client, config, dnsNames, log } = this.#ports;
    this.#attempts.try(async () => {
      log.info('writing a signing request', { request: name, signer: config.csrSigner });
      const outcome = await writeObject(client, {
        method: 'POST',
        path,
        body: await makeSigningRequest({ name, key, dnsNames, signer: config.csrSigner }),
        access: access.signingRequests,
        objectName: name,
        signal: this.#stop.signal,
      });
      if (outcome.kind === 'written') object.note(outcome.object);
      return outcome;
    });
  }

  #tell(name: string, command: string): void {
    if (this.#told !== undefined) return;
    this.#told = `the signing request waits for approval: ${command}`;
    this.#ports.log.warning(this.#told, { request: name, signer: this.#ports.config.csrSigner });
  }

  #refuse(reason: string): void {
    if (this.#refusedMs !== undefined) return;
    const { clock, log, metrics } = this.#ports;
    this.#refusedMs = clock.nowMs();
    const request = this.#followed?.name;
    const code = 'certificate-request-refused';
    this.#told = `the signing request ${request} was refused (${reason}); it is made again at ${new Date(this.againMs).toISOString()}`;
    metrics.survived(code);
    log.error('the signing request was refused; making another after a pause', { code, request, reason });
  }

  #reportFailed(reason: string): void {
    const code = 'certificate-request-not-made';
    this.#ports.metrics.survived(code);
    this.#ports.log.error('the signing request could not be made; trying again', { code, reason });
  }
}
