/** Attacks: clients that come and then do nothing, or vanish. Judge nothing. */
import { Crowd, type Outcome, type Target } from './crowd.ts';
import { livez, metrics } from './requests.ts';

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

const deafMembers = 400;

/** Clients that end their side before the answer, with nothing, half a request and a whole one sent. */
export async function halfClosed(target: Target): Promise<Outcome> {
  const crowd = new Crowd(target);
  for (const text of ['', livez.slice(0, 20), livez]) {
    for (const isTls of [true, false]) await crowd.gather(100, { isTls, act: (socket) => socket.end(text) });
  }
  return crowd.disband();
}
