/** `make run`: starts the built webhook without a cluster on examples/, sends it a review over TLS, and shows what it adds. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { stringify } from 'yaml';

const port = process.env.PORT ?? '8443';
const folder = '.run';
const ca = `${folder}/certs/tls.cert`;
const reviewFile = 'examples/review.json';
const flags = [
  `--port=${port}`,
  '--metrics-port=0',
  '--in-cluster=false',
  '--identities-from=examples',
  `--cert-dir=${folder}/certs`,
  `--webhook-config=${folder}/config.yaml`,
  '--shutdown-delay-duration=0s',
];
const isTerminal = process.stdin.isTTY === true;
const hasColour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const say = (text: string) => process.stdout.write(`${text}\n`);
const paint = (code: number, text: string) => (hasColour ? `\u001b[${code}m${text}\u001b[0m` : text);

interface Pod {
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Sends one request to the webhook, trusting its certificate alone. */
async function ask(path: string, body?: string): Promise<{ status: number; text: string }> {
  const request = https.request(`https://localhost:${port}${path}`, {
    ca: readFileSync(ca),
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    agent: false,
    signal: AbortSignal.timeout(2000),
  });
  request.end(body);
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text };
}

async function untilReady(webhook: ChildProcess): Promise<void> {
  await untilServing(webhook);
  for (let tries = 0; tries < 200; tries++) {
    if ((await ask('/readyz').catch(() => undefined))?.status === 200) return;
    await sleep(50);
  }
  throw new Error(`the webhook did not become ready on port ${port}: see its lines above`);
}

/** Waits for the line that says so: an answer on the port may be another webhook's, which has it. */
function untilServing(webhook: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let lines = '';
    webhook.stderr?.on('data', (chunk: Buffer) => {
      process.stderr.write(chunk);
      lines += chunk;
      if (lines.includes('"msg":"serving"')) resolve();
    });
    const wayOut = 'see its line above; PORT=<number> make run takes another port';
    webhook.once('close', (code) => reject(new Error(`the webhook ended with ${code}: ${wayOut}`)));
  });
}

/** Returns the YAML of the pod, added lines marked. The patch only adds, so the old lines are found again in order. */
function diff(before: object, after: object): string {
  const old = stringify(before).trimEnd().split('\n');
  let next = 0;
  const mark = (line: string) => {
    if (line !== old[next]) return paint(32, `+ ${line}`);
    next++;
    return `  ${line}`;
  };
  return stringify(after).trimEnd().split('\n').map(mark).join('\n');
}

/** Which program set which field is half of a pod, and nothing to look at here. */
function shown({ metadata, ...pod }: Pod): object {
  const { managedFields: _, ...rest } = metadata;
  return { metadata: rest, ...pod };
}

async function showReview(): Promise<void> {
  const review = readFileSync(reviewFile, 'utf8');
  const pod = (JSON.parse(review) as { request: { object: Pod } }).request.object;
  const { status, text } = await ask('/mutate?timeout=10s', review);
  const { response } = JSON.parse(text) as { response: { patch?: string } };
  if (status !== 200 || response.patch === undefined)
    throw new Error(`the webhook added nothing: HTTP ${status}: ${text}`);
  const patch = JSON.parse(Buffer.from(response.patch, 'base64').toString()) as Operation[];
  say(paint(1, `\nWhat the webhook adds to ${reviewFile}, lines marked with +:\n`));
  say(diff(shown(pod), shown(jsonPatch.applyPatch(structuredClone(pod), patch).newDocument)));
}

/** Only while the webhook goes on serving: what it says works then. */
function invite(): void {
  say(paint(1, '\nSend your own review:'));
  say(
    `curl --cacert ${ca} -H 'Content-Type: application/json' --data @${reviewFile} -w '\\n' https://localhost:${port}/mutate`,
  );
  say('\nThe webhook goes on serving; edit examples/ and send again. Ctrl-C ends it.');
}

say(paint(1, `node build/server/main.js ${flags.join(' ')}`));
const webhook = spawn(process.execPath, ['build/server/main.js', ...flags], {
  stdio: ['ignore', 'inherit', 'pipe'],
});
const ended = once(webhook, 'exit');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => webhook.kill('SIGINT'));
try {
  await untilReady(webhook);
  await showReview();
  if (isTerminal) invite();
  else webhook.kill('SIGTERM');
  const [code] = await ended;
  process.exitCode = code ?? 1;
} catch (error) {
  process.stderr.write(`make run: ${error instanceof Error ? error.message : error}\n`);
  webhook.kill('SIGTERM');
  process.exitCode = 1;
}
