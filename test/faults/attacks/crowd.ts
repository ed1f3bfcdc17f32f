/** Attacks: many sockets to the webhook at once, and what became of each. Sends nothing of its own. */
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import tls from 'node:tls';

/** What the webhook did with an attack. */
export interface Outcome {
  readonly opened: number;
  /** Connections that the webhook had not ended when the patience was over. */
  readonly held: number;
  /** From the opening of a connection to its end by the webhook, in milliseconds; the longest. */
  readonly longestMs: number;
  /** How many answers had each status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** What an attack is aimed at. */
export interface Target {
  readonly port: number;
  /** After so many milliseconds what the webhook has not let go of counts as held. */
  readonly patienceMs: number;
}

/** One hostile connection. */
interface Member {
  readonly socket: net.Socket;
  readonly openedMs: number;
  closedMs?: number;
  received: string;
}

export interface JoinOptions {
  readonly isTls?: boolean;
  readonly tls?: tls.ConnectionOptions;
  /** Called once it is connected, over TLS with its handshake. */
  readonly act?: (socket: net.Socket) => void;
  /** Whether it reads nothing that comes. */
  readonly isDeaf?: boolean;
}

/** At most so many connections of a crowd are being opened at one time. */
const lanes = 50;
/** One for all: to make one takes as long as ten handshakes. */
const secureContext = tls.createSecureContext();

/** Sockets of one attack. */
export class Crowd {
  readonly #members: Member[] = [];
  readonly #target: Target;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Opens one connection more and resolves once it is connected, or has been ended. */
  async join({ isTls = true, tls: extra = {}, act, isDeaf = false }: JoinOptions = {}): Promise<net.Socket> {
    const { port } = this.#target;
    const socket = isTls
      ? tls.connect({
          host: '127.0.0.1',
          port,
          servername: 'localhost',
          rejectUnauthorized: false,
          secureContext,
          ...extra,
        })
      : net.connect({ host: '127.0.0.1', port });
    const member: Member = { socket, openedMs: performance.now(), received: '' };
    this.#members.push(member);
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => {
        member.closedMs = performance.now();
        resolve();
      });
    });
    socket.on('error', () => {
      // how a connection ends is seen by `close`
    });
    if (!isDeaf) {
      socket.on('data', (chunk: Buffer) => {
        member.received += chunk.toString('latin1');
      });
    }
    await Promise.race([once(socket, isTls ? 'secureConnect' : 'connect').catch(() => {}), closed]);
    if (member.closedMs === undefined) act?.(socket);
    return socket;
  }

  /** Opens so many connections, a few at a time. */
  async gather(count: number, options: JoinOptions): Promise<void> {
    let left = count;
    const lane = async () => {
      while (left-- > 0) await this.join(options);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  /** Calls `act` with every connection that is open, again and again, until none is or the patience is over. */
  async pester(everyMs: number, act: (socket: net.Socket) => void): Promise<void> {
    const endMs = performance.now() + this.#target.patienceMs;
    for (; this.open.length > 0 && performance.now() < endMs; await delay(everyMs)) {
      for (const { socket } of this.open) if (socket.writable) act(socket);
    }
  }

  /** The connections that are open. */
  get open(): readonly Member[] {
    return this.#members.filter(({ closedMs }) => closedMs === undefined);
  }

  /** What each connection has received. */
  get received(): readonly string[] {
    return this.#members.map(({ received }) => received);
  }

  /** Waits until the webhook has ended every connection, at most for the patience, then ends the rest and tells. */
  async disband(): Promise<Outcome> {
    await this.pester(100, () => {});
    const held = this.open.length;
    const closed = this.#members.flatMap(({ openedMs, closedMs }) => (closedMs ? [closedMs - openedMs] : []));
    for (const { socket } of this.#members) socket.destroy();
    const statuses: Record<string, number> = {};
    for (const [, status = ''] of this.received.join('').matchAll(/HTTP\/1\.1 (\d{3})/g)) {
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    const longestMs = closed.reduce((longest, ms) => Math.max(longest, ms), 0);
    return { opened: this.#members.length, held, longestMs: Math.round(longestMs), statuses };
  }
}
