/** Test support of io/tls: replicas, Secret and registration as values, with every message as late as the test likes. */
import type { Authority } from '../../../../server/io/tls/authorities.ts';
import type { Kept, Leaf } from '../../../../server/io/tls/kept.ts';
import { type Decision, decide, type Writing } from '../../../../server/io/tls/rotation.ts';

/** The lifetimes of the cluster suite. */
export const lifetimes = { leafMs: 60_000, caMs: 180_000 } as const;

/** An object and its version; each change of it is a new value. */
interface Versioned<T> {
  readonly version: number;
  readonly atMs: number;
  readonly value: T;
}

type Secret = Versioned<Kept | undefined>;
type Registration = Versioned<readonly Authority[]>;

/** What one replica knows, which may be old, and what it serves. */
interface Replica {
  secret: Secret;
  registration: Registration;
  since: ReadonlyMap<string, number>;
  remembered: Kept | undefined;
  serving: Leaf | undefined;
}

/** A cluster in which nothing happens by itself. */
export class RotationModel {
  nowMs = Date.UTC(2026, 0, 1);
  readonly secrets: Secret[] = [{ version: 0, atMs: 0, value: undefined }];
  readonly registrations: Registration[] = [{ version: 0, atMs: 0, value: [] }];
  readonly replicas: Replica[];
  #made = 0;

  constructor(count: number) {
    this.replicas = Array.from({ length: count }, () => this.#fresh());
  }

  get secret(): Secret {
    return last(this.secrets);
  }

  get registration(): Registration {
    return last(this.registrations);
  }

  /** A replica without memory, which has just read both objects. */
  restart(at: number): void {
    this.replicas[at] = this.#fresh();
  }

  /** A replica hears of the next change of the Secret that it does not know yet. */
  hearSecret(at: number): void {
    const replica = this.#replica(at);
    const { version } = replica.secret;
    this.#seeSecret(replica, this.secrets[version + 1] ?? this.secret);
  }

  /** As above, of the registration. */
  hearRegistration(at: number): void {
    const replica = this.#replica(at);
    const { version } = replica.registration;
    this.#seeRegistration(replica, this.registrations[version + 1] ?? this.registration);
  }

  decision(at: number): Decision {
    const { secret, registration, since, remembered, serving } = this.#replica(at);
    const liveForMs = (pem: string) => {
      const sinceMs = since.get(pem);
      return sinceMs === undefined ? undefined : this.nowMs - sinceMs;
    };
    const spread = at / this.replicas.length;
    const live = [{ authorities: registration.value, hasOther: false }];
    return decide({
      kept: secret.value,
      remembered,
      live,
      liveForMs,
      serving,
      nowMs: this.nowMs,
      spread,
      leafMs: lifetimes.leafMs,
    });
  }

  /** A replica does what it finds right: a change that is late is refused, as the API server does. */
  act(at: number): void {
    const replica = this.#replica(at);
    const { serve, publish, write } = this.decision(at);
    replica.serving = serve;
    const [bundle] = publish;
    if (bundle && replica.registration.version === this.registration.version) {
      this.setRegistration(bundle);
      this.#seeRegistration(replica, this.registration);
    }
    if (write && replica.secret.version === this.secret.version) {
      this.setSecret(this.#make(write));
      this.#seeSecret(replica, this.secret);
    }
  }

  setSecret(value: Kept | undefined): void {
    this.secrets.push({ version: this.secrets.length, atMs: this.nowMs, value });
  }

  setRegistration(value: readonly Authority[]): void {
    this.registrations.push({ version: this.registrations.length, atMs: this.nowMs, value });
  }

  /** A replica hears of everything, and acts. */
  catchUp(at: number): void {
    const replica = this.#replica(at);
    this.#seeSecret(replica, this.secret);
    this.#seeRegistration(replica, this.registration);
    this.act(at);
  }

  /** For how long the registration has trusted a CA without a break, in milliseconds. */
  trustedForMs(authority: string): number {
    let sinceMs = this.nowMs;
    for (const { atMs, value } of this.registrations.toReversed()) {
      if (!value.some(({ pem }) => pem === authority)) break;
      sinceMs = atMs;
    }
    return this.nowMs - sinceMs;
  }

  /** The leaves that are served, still valid, and not trusted by the registration as it is. */
  get distrusted(): readonly Leaf[] {
    const trusted = new Set(this.registration.value.map(({ pem }) => pem));
    const served = this.replicas.flatMap(({ serving }) => serving ?? []);
    return served.filter(({ issuer, endMs }) => this.nowMs < endMs && !trusted.has(issuer));
  }

  /** Says whether all serve the leaf in the Secret, which is valid and trusted. */
  get isAgreed(): boolean {
    const leaf = this.secret.value?.leaf;
    if (leaf === undefined || this.nowMs >= leaf.endMs || this.distrusted.length > 0) return false;
    return this.replicas.every(({ serving }) => serving?.pair.cert === leaf.pair.cert);
  }

  #fresh(): Replica {
    const replica: Replica = {
      secret: this.secret,
      registration: this.registration,
      since: new Map(),
      remembered: undefined,
      serving: undefined,
    };
    this.#seeSecret(replica, this.secret);
    this.#seeRegistration(replica, this.registration);
    return replica;
  }

  #replica(at: number): Replica {
    const replica = this.replicas[at];
    if (!replica) throw new Error(`there is no replica ${at}`);
    return replica;
  }

  #seeSecret(replica: Replica, secret: Secret): void {
    replica.secret = secret;
    if (secret.value?.leaf) replica.remembered = secret.value;
  }

  #seeRegistration(replica: Replica, registration: Registration): void {
    replica.registration = registration;
    const { since } = replica;
    replica.since = new Map(registration.value.map(({ pem }) => [pem, since.get(pem) ?? this.nowMs]));
  }

  #make({ base, authorities, isAuthorityNew, isLeafNew }: Writing): Kept {
    const { nowMs } = this;
    const added = isAuthorityNew ? [{ pem: `ca-${this.#made++}`, madeMs: nowMs, endMs: nowMs + lifetimes.caMs }] : [];
    const [newest, ...older] = [...added, ...authorities];
    if (!newest) throw new Error('a Secret without a CA was asked for');
    const endMs = Math.min(nowMs + lifetimes.leafMs, newest.endMs);
    const name = `leaf-${this.#made++}`;
    const made = { pair: { cert: name, key: name, notAfterMs: endMs }, madeMs: nowMs, endMs, issuer: newest.pem };
    const leaf = isLeafNew ? made : base?.leaf;
    return { authorities: [newest, ...older], authorityKey: newest.pem, ...(leaf && { leaf }) };
  }
}

function last<T>(items: readonly T[]): T {
  const item = items.at(-1);
  if (item === undefined) throw new Error('there is always a first version');
  return item;
}
