/** IO: who is connected to a port. Where there is no room, whoever has kept the server waiting longest goes. Sends nothing. */
import type { Socket } from 'node:net';

/** The open connections of a port, those included that have not shaken hands. */
export interface Connections {
  /** Takes one in; if that is one too many, another is ended. */
  enter(socket: Socket): void;
  /** Notes that it has sent the head of a request. Over TLS this is another socket than the one that entered, with the same peer. */
  heard(socket: Socket): void;
  /** Cuts them all. */
  cut(): void;
}

/** By peer, which no two open connections share; first whoever was heard of last the longest time ago. */
type Queue = Map<string, Socket>;

/**
 * Returns a place for so many connections. Those that have never asked and those that have are two queues, and the longer
 * one makes room: a crowd of idle strangers drives out each other, not the API server's connections; and a crowd that asks
 * once and stays does not keep newcomers out.
 * @param onCut called whenever one is ended to make room
 */
export function createConnections(limit: number, onCut: () => void): Connections {
  const [strangers, askers]: [Queue, Queue] = [new Map(), new Map()];
  const makeRoom = (): void => {
    const longer = strangers.size > askers.size ? strangers : askers;
    const [first] = longer;
    if (first === undefined) return;
    const [peer, socket] = first;
    longer.delete(peer);
    socket.destroy();
    onCut();
  };
  return {
    enter: (socket) => {
      const peer = peerOf(socket);
      strangers.set(peer, socket);
      socket.once('close', () => {
        // its peer may be back already, with the same port
        for (const queue of [strangers, askers]) if (queue.get(peer) === socket) queue.delete(peer);
      });
      if (strangers.size + askers.size > limit) makeRoom();
    },
    heard: (socket) => {
      const peer = peerOf(socket);
      const entered = askers.get(peer) ?? strangers.get(peer);
      if (entered === undefined) return;
      strangers.delete(peer);
      askers.delete(peer);
      askers.set(peer, entered);
    },
    cut: () => {
      for (const queue of [strangers, askers]) for (const socket of queue.values()) socket.destroy();
    },
  };
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
