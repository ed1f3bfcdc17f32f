/** Test support: connections that are reset. Opens none. */
import type { Socket } from 'node:net';

/**
 * Resets a connection. libuv refuses to reset one that is just being ended, and its handle then never closes: Node waits
 * for it at the process's end for ever, at full speed.
 */
export function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
