/** Bench, process edge: `npm run bench`. Runs the parts asked for and prints one Markdown table each; with a role as first argument it is one of the bench's own processes. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.ts';
import { type Options, parseOptions, type SectionName } from './options.ts';
import type { Bench } from './targets.ts';

type Section = (bench: Bench, options: Options) => Promise<string>;

/** Loaded when used: the bare server must not carry the rest of the bench. */
const sections: Readonly<Record<SectionName, { readonly title: string; readonly load: () => Promise<Section> }>> = {
  throughput: { title: 'Throughput', load: async () => (await import('./sections/throughput.ts')).measureThroughput },
  latency: {
    title: 'Latency at a steady rate',
    load: async () => (await import('./sections/latency.ts')).measureLatency,
  },
  memory: { title: 'Memory', load: async () => (await import('./sections/memory.ts')).measureMemory },
  start: { title: 'Start', load: async () => (await import('./sections/start.ts')).measureStart },
  lost: { title: 'Pods lost at the start', load: async () => (await import('./sections/lost.ts')).measureLost },
};

const roles: Readonly<Record<string, (args: string[]) => Promise<void>>> = {
  generate: async ([job = '']) => {
    const { runLoad } = await import('./load.ts');
    process.stdout.write(JSON.stringify(await runLoad(JSON.parse(job))));
  },
  'bare-server': async (args) => {
    const { createBareServer } = await import('./bare-server.ts');
    const { values } = parseArgs({ args, strict: false });
    createBareServer(String(values['cert-dir'])).listen(Number(values.port));
  },
  'read-stream': async ([server = '']) => {
    const { readStream } = await import('./stream-reader.ts');
    process.stdout.write(String(await readStream(server)));
  },
  'fake-api': async (args) => {
    const { createFakeApi } = await import('./fake-api.ts');
    const { values } = parseArgs({ args, strict: false });
    const api = createFakeApi(Number(values.accounts), { isPaged: values.paged === true });
    api.listen(Number(values.port), '127.0.0.1');
  },
};

async function runBench(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  const { listTargets } = await import('./targets.ts');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'webhook-bench-'));
  const self = [process.execPath, import.meta.filename];
  const { PEER: peer } = process.env;
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const bench = { ...options, folder, self, targets: listTargets(process.execPath, self, peer), log };
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  process.stdout.write(`${describeMachine(command, process.versions.node)}\n`);
  for (const name of options.sections) {
    const { title, load } = sections[name];
    log(`${title} ...`);
    process.stdout.write(`\n## ${title}\n\n${await (await load())(bench, options)}\n`);
  }
  fs.rmSync(folder, { recursive: true });
}

const [role = '', ...rest] = process.argv.slice(2);
try {
  await (roles[role]?.(rest) ?? runBench(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
