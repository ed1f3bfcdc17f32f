/** Bench: the least that a client of the API server can do: it reads the stream of all service accounts and keeps nothing. */
import http from 'node:http';

/** As the webhook asks. */
const path =
  '/api/v1/serviceaccounts?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
const end = Buffer.from('k8s.io/initial-events-end');

/** Returns how long it takes from the request to the bookmark that ends the first state, in milliseconds. */
export function readStream(server: string): Promise<number> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.get(`${server}${path}`, { agent: false }, (response) => {
      let tail: Buffer = Buffer.alloc(0);
      response.on('data', (chunk: Buffer) => {
        // the mark may be cut in two
        const text = Buffer.concat([tail, chunk]);
        tail = text.subarray(-end.length);
        if (!text.includes(end)) return;
        resolve(performance.now() - startMs);
        request.destroy();
      });
      response.on('end', () => reject(new Error('the stream ended before the first state was whole')));
    });
    request.on('error', reject);
  });
}
