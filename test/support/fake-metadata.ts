/** Test support: an EC2 instance metadata service on loopback that knows only version 2. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** What it says; a path that is not there is not found. */
export interface FakeMetadata {
  readonly url: string;
  /** Requests so far, as `GET /path`. */
  readonly requests: string[];
  /** Answers by path; a number is a status, `hang` never comes. */
  readonly answers: Record<string, string | number>;
}

const token = 'secret-token';

/** Returns a service of an instance in eu-west-1 that is taken down after the test. */
export async function startMetadata(context: TestContext, changed: Record<string, string | number> = {}) {
  const answers: Record<string, string | number> = {
    '/latest/api/token': token,
    '/latest/dynamic/instance-identity/document': '{"accountId": "111122223333", "region": "eu-west-1"}',
    '/latest/meta-data/services/partition': 'aws',
    ...changed,
  };
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    const { method, url = '', headers } = request;
    requests.push(`${method} ${url}`);
    const isAllowed =
      url === '/latest/api/token'
        ? method === 'PUT' && headers['x-aws-ec2-metadata-token-ttl-seconds'] === '60'
        : headers['x-aws-ec2-metadata-token'] === token;
    const answer = isAllowed ? (answers[url] ?? 404) : 401;
    if (answer === 'hang') return;
    response.writeHead(typeof answer === 'number' ? answer : 200, { connection: 'close' });
    response.end(typeof answer === 'number' ? '' : answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answers,
  } satisfies FakeMetadata;
}
