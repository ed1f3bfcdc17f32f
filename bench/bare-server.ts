/** Bench: the least that a webhook in Node can be: TLS, JSON.parse, a constant reply. The limit to compare with; mutates nothing. */
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';

/** Returns the server, not yet listening, with the tls.cert and tls.key that the webhook has made. The limits are those of server/io/listener.ts. */
export function createBareServer(certDir: string): https.Server {
  const read = (file: string) => fs.readFileSync(path.join(certDir, file));
  const tls = { cert: read('tls.cert'), key: read('tls.key') };
  const timing = { keepAliveTimeout: 120_000, headersTimeout: 10_000, requestTimeout: 30_000 };
  return https.createServer({ ...tls, ...timing }, answer);
}

const answer: NonNullable<Parameters<typeof https.createServer>[1]> = (request, response) => {
  if (request.method === 'GET') {
    response.end('ok');
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { uid } = JSON.parse(Buffer.concat(chunks).toString()).request;
    const body = `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"${uid}","allowed":true}}`;
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  });
};
