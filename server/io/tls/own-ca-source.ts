/** IO: the issuer that is a CA of the webhook's own, shared by all replicas. Decides nothing: rotation.ts does. */
import type { CertificateSource } from '../../ports.ts';
import { readBundle } from './authorities.ts';
import {
  ClusterSource,
  type ClusterSourceOptions,
  type Issuer,
  type IssuerPorts,
  type Verdict,
} from './cluster-source.ts';
import { type Kept, keptData, type Leaf, type SecretData, tryReadKept } from './kept.ts';
import { type MadePair, makeAuthority, makeLeaf } from './own-ca.ts';
import { decide, type Writing } from './rotation.ts';

const about =
  'tls.crt and tls.key are served; ca.crt has the CAs to trust, newest first; ca.key is the key of the first. Kept by the webhook itself: when it is deleted, it is made again.';

/** Returns the source of certificates that the webhook's own CA signs. */
export function createOwnCaSource(options: ClusterSourceOptions): CertificateSource {
  return new ClusterSource(options, { about, issuer: (ports) => new OwnCa(ports) });
}

class OwnCa implements Issuer {
  readonly #ports: IssuerPorts;
  #read: { readonly data: SecretData; readonly kept: Kept | undefined } | undefined;
  #remembered: Kept | undefined;

  constructor(ports: IssuerPorts) {
    this.#ports = ports;
  }

  look(data: SecretData | null, serving: Leaf | undefined): Verdict {
    const { clock, config, registration, secret, spread } = this.#ports;
    const { serve, publish, write, turns } = decide({
      kept: data ? this.#keptIn(data) : undefined,
      remembered: this.#remembered,
      live: registration.live,
      liveForMs: registration.liveForMs,
      serving,
      nowMs: clock.nowMs(),
      spread,
      leafMs: config.leafDuration.toMilliseconds(),
    });
    registration.publish(publish);
    if (write) secret.write(nameOf(write), () => this.#make(write));
    return { serve, turns };
  }

  problem(): undefined {
    return undefined;
  }

  stop(): void {}

  /** Reading costs a millisecond of cryptography, so it is done once for each change. */
  #keptIn(data: SecretData): Kept | undefined {
    if (this.#read?.data !== data) {
      const kept = tryReadKept(data, this.#ports.dnsNames[0]);
      this.#read = { data, kept };
      if (kept?.leaf) this.#remembered = kept;
      else this.#reportTorn(kept);
    }
    return this.#read.kept;
  }

  #reportTorn(kept: Kept | undefined): void {
    const { log, metrics, config } = this.#ports;
    const code = 'certificate-secret-torn';
    const reason = kept?.fault?.message ?? 'ca.crt has no certificate';
    metrics.survived(code);
    const fields = { code, secret: config.tlsSecret, reason };
    log.error('the Secret holds no certificate that can be served; mending it', fields);
  }

  async #make({ base, authorities, isAuthorityNew, isLeafNew }: Writing): Promise<SecretData> {
    const { clock, config, dnsNames } = this.#ports;
    const nowMs = clock.nowMs();
    const authority: MadePair = isAuthorityNew
      ? await makeAuthority({ nowMs, durationMs: config.caDuration.toMilliseconds() })
      : { cert: base?.authorities[0].pem ?? '', key: base?.authorityKey ?? '' };
    const pair = isLeafNew
      ? await makeLeaf({ nowMs, durationMs: config.leafDuration.toMilliseconds(), dnsNames, authority })
      : base?.leaf?.pair;
    const added = isAuthorityNew ? readBundle(authority.cert).authorities : [];
    return keptData({ authorities: [...added, ...authorities], authorityKey: authority.key, pair });
  }
}

function nameOf({ isAuthorityNew, isLeafNew }: Writing): string {
  if (isAuthorityNew) return isLeafNew ? 'a new CA and certificate' : 'a new CA';
  return isLeafNew ? 'a new certificate' : 'what is still good';
}
