/** Bench: asks a server that may not be there yet, again and again. */
import https from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';

const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });

/** Answers take a server that is starting its core: asked every 5 ms, it takes an eighth longer with 50,000 accounts. */
const defaultPollMs = 20;

/** Returns the status of a GET, or undefined when nobody answers. */
export function probe(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = https.get({ host: '127.0.0.1', port, path, agent, timeout: 5000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}

/**
 * Resolves once the attempt returns true, trying anew every so many milliseconds.
 * @throws when `problem` returns something, or after two minutes
 */
export async function until(
  attempt: () => Promise<boolean>,
  problem: () => string | undefined,
  pollMs = defaultPollMs,
): Promise<void> {
  const giveUpMs = performance.now() + 120_000;
  while (!(await attempt())) {
    const why = problem() ?? (performance.now() > giveUpMs ? 'not in two minutes' : undefined);
    if (why !== undefined) throw new Error(`the server does not come up: ${why}`);
    await delay(pollMs);
  }
}
