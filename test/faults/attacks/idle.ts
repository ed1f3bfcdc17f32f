/** Attacks: clients that come and then do nothing, or vanish. Judge nothing. */
import { sample } from '../../../bench/reviews.ts';
import { Crowd, type Outcome, type Target } from './crowd.ts';
import { head, livez, metrics } from './requests.ts';

/** So many connections of each kind. */
export const idleMembers = 5000;

/** Connections over TLS that never send a request. */
export async function idleTls(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  await crowd.gather(idleMembers, {});
  return crowd.disband();
}

/** Connections that never begin a handshake. */
export async function idlePlain(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  await crowd.gather(idleMembers, { isTls: false });
  return crowd.disband();
}

/** Connections that have had one answer, as a good client's idle ones. */
export async function idleAfterAnswer(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  await crowd.gather(acquaintances, { act: (socket) => socket.write(livez) });
  return crowd.disband();
}

const acquaintances = 1500;

/** Clients that ask on and on and never read an answer. */
export async function deaf(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  await crowd.gather(deafMembers, { isDeaf: true, act: (socket) => socket.write(metrics.repeat(2000)) });
  return crowd.disband();
}

const deafMembers = 100;

/** Clients that ask for answers of megabytes, more than the kernel's buffers hold, and read none of them. */
export async function unread(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  const body = JSON.stringify(podOfManyContainers());
  await crowd.gather(unreadMembers, {
    isDeaf: true,
    act: (socket) => socket.write(head({ length: Buffer.byteLength(body) }) + body),
  });
  return crowd.disband();
}

const unreadMembers = 3;

function podOfManyContainers(): object {
  const { review } = sample('small', 0);
  const request = review.request as { readonly object: { readonly spec: object } };
  const { object } = request;
  const containers = Array.from({ length: 20_000 }, (_, index) => ({ name: `c-${index}`, image: 'i' }));
  return { ...review, request: { ...request, object: { ...object, spec: { ...object.spec, containers } } } };
}

/** Clients that end their side before the answer, with nothing, half a request and a whole one sent. */
export async function halfClosed(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  for (const text of ['', livez.slice(0, 20), livez]) {
    for (const isTls of [true, false]) await crowd.gather(100, { isTls, act: (socket) => socket.end(text) });
  }
  return crowd.disband();
}
