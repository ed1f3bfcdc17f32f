/** Attacks: bytes that are no TLS, or TLS as nobody should speak it. Judge nothing. */
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import tls from 'node:tls';
import { Crowd, type Outcome, type Target } from './crowd.ts';
import { randomBytes } from './random-bytes.ts';
import { livez } from './requests.ts';

const members = 100;
const plain = { isTls: false } as const;

/** Random bytes, plain HTTP, half a ClientHello, a ClientHello byte by byte, a record that says it is 64 KB long. */
export async function garbage(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  const bytes = randomBytes(1);
  const hello = await clientHello();
  await crowd.gather(members, { ...plain, act: (socket) => socket.write(bytes(500)) });
  await crowd.gather(members, { ...plain, act: (socket) => socket.write(livez) });
  await crowd.gather(members, { ...plain, act: (socket) => socket.write(hello.subarray(0, hello.length / 2)) });
  await crowd.gather(members, { ...plain, act: (socket) => socket.write(Buffer.concat([hello, bytes(500)])) });
  await crowd.gather(members, { ...plain, act: (socket) => socket.write(Buffer.from('160301ffff', 'hex')) });
  // behind the handshake, where HTTP is due
  await crowd.gather(members, { act: (socket) => socket.write(bytes(500)) });
  await crowd.gather(members, {
    tls: { maxVersion: 'TLSv1.2' },
    act: (socket) => renegotiate(socket as tls.TLSSocket),
  });
  return crowd.disband();
}

/** Sends its ClientHello a byte at a time. */
export async function slowHandshake(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  const hello = await clientHello();
  const sent = new Map<net.Socket, number>();
  await crowd.gather(members, plain);
  await crowd.pester(500, (socket) => {
    const at = sent.get(socket) ?? 0;
    sent.set(socket, at + 1);
    socket.write(hello.subarray(at, at + 1));
  });
  return crowd.disband();
}

function renegotiate(socket: tls.TLSSocket): void {
  socket.renegotiate({}, () => {
    // refused, as it should be; the connection goes on with requests
    if (socket.writable) socket.end(livez);
  });
}

/** Returns the first bytes of a client of TLS. */
async function clientHello(): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const server = net.createServer((socket) => {
    socket.on('error', () => {
      // the client is ended by us
    });
    socket.once('data', resolve);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as net.AddressInfo;
  const client = tls.connect({ port, host: '127.0.0.1', servername: 'localhost' });
  client.on('error', () => {
    // as above
  });
  const hello = await promise;
  client.destroy();
  server.close();
  await delay(1);
  return hello;
}
