/** IO: who is connected to a port. Where there is no room, whoever has kept the server waiting longest goes. Sends nothing. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The open connections of a port, those included that have not shaken hands. */
export interface Connections {
  /** Takes one in; if that is one too many, another is ended. */
  enter(socket: Socket): void;
  /** Notes that it has sent the head of a request, and what will answer it. Over TLS this is another socket than the one that entered, with the same peer. */
  heard(socket: Socket, response: ServerResponse): void;
  /** Returns what answers, or has answered, the last request of the socket. */
  lastResponse(socket: Socket): ServerResponse | undefined;
  /** Cuts them all. */
  cut(): void;
}

/** One connection. */
interface Entry {
  readonly peer: string;
  readonly socket: Socket;
  /** When it was last heard of, in an order of its own. */
  turn: number;
  /** What answers its last request; undefined as long as it has asked nothing. */
  response: ServerResponse | undefined;
}

/** Those that have never asked, or those that have. One look at each: at a limit of thousands every newcomer makes room. */
class Crowd {
  size = 0;
  #oldest: Entry | undefined;
  #oldestIdle: Entry | undefined;

  add(entry: Entry): void {
    this.size++;
    if (isOlder(entry, this.#oldest)) this.#oldest = entry;
    const isIdle = entry.response === undefined || entry.response.writableFinished;
    if (isIdle && isOlder(entry, this.#oldestIdle)) this.#oldestIdle = entry;
  }

  /** Who goes first: while anyone is idle, none that waits for its answer. */
  get next(): Entry | undefined {
    return this.#oldestIdle ?? this.#oldest;
  }
}

function isOlder({ turn }: Entry, other: Entry | undefined): boolean {
  return other === undefined || turn < other.turn;
}

/** Where a socket that has asked finds its entry: to look for it by name would be 2 µs a request. */
const entryKey = Symbol('connection');
type KnownSocket = Socket & { [entryKey]?: Entry | undefined };

/**
 * Returns a place for so many connections. Those that have never asked and those that have are two crowds, and the larger
 * one makes room: idle strangers drive out each other, not the API server's connections; and many that ask once and stay
 * do not keep newcomers out.
 * @param onCut called whenever one is ended to make room
 */
export function createConnections(limit: number, onCut: () => void): Connections {
  /** By peer, which no two open connections share. */
  const entries = new Map<string, Entry>();
  let turn = 0;
  const makeRoom = (): void => {
    const [strangers, askers] = [new Crowd(), new Crowd()];
    for (const entry of entries.values()) (entry.response === undefined ? strangers : askers).add(entry);
    const next = (askers.size >= strangers.size ? askers : strangers).next;
    if (next === undefined) return;
    entries.delete(next.peer);
    next.socket.destroy();
    onCut();
  };
  return {
    enter: (socket) => {
      const peer = peerOf(socket);
      const entry = { peer, socket, turn: ++turn, response: undefined };
      entries.set(peer, entry);
      socket.once('close', () => {
        // its peer may be back already, with the same port
        if (entries.get(peer) === entry) entries.delete(peer);
      });
      if (entries.size > limit) makeRoom();
    },
    heard: (socket: KnownSocket, response) => {
      socket[entryKey] ??= entries.get(peerOf(socket));
      const entry = socket[entryKey];
      if (entry === undefined) return;
      entry.turn = ++turn;
      entry.response = response;
    },
    lastResponse: (socket: KnownSocket) => socket[entryKey]?.response,
    cut: () => {
      for (const { socket } of entries.values()) socket.destroy();
    },
  };
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
