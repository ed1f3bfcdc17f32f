/** Test support: both ends of a connection over loopback, which are gone with the test. */
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface SocketPair {
  readonly client: Socket;
  /** The server's. */
  readonly socket: Socket;
}

/** Returns a pair that is connected. */
export async function openPair(t: TestContext): Promise<SocketPair> {
  const server = net.createServer();
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = await connectTo(t, server);
  const [socket] = await accepted;
  t.after(() => socket.destroy());
  return { client, socket };
}

/** Has the server listen, and returns a client that is connected to it. */
export async function connectTo(t: TestContext, server: net.Server): Promise<Socket> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => {
    client.destroy();
    server.close();
  });
  await once(client, 'connect');
  return client;
}
