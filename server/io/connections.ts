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
  readonly socket: Socket;
  /** When it was last heard of, in an order of its own. */
  turn: number;
  /** What answers its last request; undefined as long as it has asked nothing. */
  response: ServerResponse | undefined;
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
    const all = [...entries];
    const askers = all.filter(([, { response }]) => response !== undefined);
    const crowd = askers.length * 2 >= all.length ? askers : all.filter(([, { response }]) => response === undefined);
    const idle = crowd.filter(([, { response }]) => response === undefined || response.writableFinished);
    const [peer, { socket }] = (idle.length > 0 ? idle : crowd).reduce((oldest, one) =>
      one[1].turn < oldest[1].turn ? one : oldest,
    );
    entries.delete(peer);
    socket.destroy();
    onCut();
  };
  return {
    enter: (socket) => {
      const peer = peerOf(socket);
      const entry = { socket, turn: ++turn, response: undefined };
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
