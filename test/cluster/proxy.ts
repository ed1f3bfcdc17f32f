/** Test cluster: a TCP proxy that can break the connections through it. Reads none of the bytes. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { breakOff } from '../support/broken-connection.ts';

/** A proxy on loopback. */
export interface TcpProxy {
  readonly port: number;
  /** Resets every open connection and returns how many they were. New ones are served. */
  cut(): number;
  /** Keeps connections open and takes new ones, but passes nothing on until `hear` is called. */
  goDeaf(): void;
  hear(): void;
  close(): Promise<void>;
}

/** Starts a proxy to this address. */
export async function startProxy(host: string, port: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isDeaf = false;
  const server = createServer((near) => {
    const far = connect(port, host);
    const pair = [near, far] as const;
    pairs.add(pair);
    tie(near, far, () => pairs.delete(pair));
    if (isDeaf) muffle(pair);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    const count = pairs.size;
    for (const [near, far] of pairs) {
      breakOff(near);
      far.destroy();
    }
    return count;
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    goDeaf: () => {
      isDeaf = true;
      for (const pair of pairs) muffle(pair);
    },
    hear: () => {
      isDeaf = false;
      for (const [near, far] of pairs) unmuffle(near, far);
    },
    close: async () => {
      server.close();
      for (const [near] of pairs) near.destroy();
      await once(server, 'close');
    },
  };
}

/** Passes bytes both ways, and ends both when one ends. A connection that fails is what the proxy is for: no error. */
function tie(near: Socket, far: Socket, forget: () => void): void {
  near.pipe(far);
  far.pipe(near);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => {
      other.destroy();
      forget();
    });
  }
}

function muffle([near, far]: readonly [Socket, Socket]): void {
  near.unpipe(far).pause();
  far.unpipe(near).pause();
}

function unmuffle(near: Socket, far: Socket): void {
  near.pipe(far);
  far.pipe(near);
}
