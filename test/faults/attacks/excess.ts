/** Attacks: clients that send too much, or come too often. Judge nothing. */
import { setTimeout as delay } from 'node:timers/promises';
import { Crowd, type Outcome, type Target } from './crowd.ts';
import { head, livez } from './requests.ts';

const members = 50;

/** Bodies above the limit: said so at once, and only seen while chunks come. */
export async function hugeBodies(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
  await crowd.gather(members, { act: (socket) => socket.write(`${head({ length: 100_000_000 })}{`) });
  await crowd.gather(members, { act: (socket) => socket.write(head({ isChunked: true })) });
  await crowd.pester(20, (socket) => {
    if (socket.writableLength < chunk.length) socket.write(chunk);
  });
  return crowd.disband();
}

/** Headers without an end, in size and in number, and one that is a megabyte. */
export async function headerFloods(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  const start = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n';
  await crowd.gather(members, { act: (socket) => socket.write(`${start}X-Long: ${'a'.repeat(1_000_000)}`) });
  await crowd.gather(members, { act: (socket) => socket.write(start) });
  await crowd.pester(20, (socket) => socket.write('X: 1\r\n'.repeat(1000)));
  return crowd.disband();
}

/** Connections that come and go: after the handshake, in the middle of it, with a reset, and with a request each. */
export async function churn(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  await crowd.gather(visits, { act: (socket) => socket.destroy() });
  await crowd.gather(visits, { isTls: false, act: (socket) => socket.resetAndDestroy() });
  await crowd.gather(visits, { isTls: false, act: (socket) => socket.end('\x16\x03\x01') });
  await crowd.gather(visits, {
    act: (socket) => socket.end(livez.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')),
  });
  await delay(100);
  return crowd.disband();
}

const visits = 1000;
