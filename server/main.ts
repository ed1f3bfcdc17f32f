/** The process edge: argv, environment, signals, exit codes. Decides nothing. */
import { renderFault } from '../contract/flag-fault.ts';
import type { Config } from '../contract/flags.ts';
import { parseFlags } from '../contract/parse.ts';
import { usage } from '../contract/usage.ts';
import { describeError } from './http/faults.ts';
import { tuneEngine } from './io/engine.ts';
import { createLog } from './io/log.ts';
import { systemClock } from './io/system.ts';
import type { Log } from './ports.ts';
import { type ServeOptions, serve, type Webhook } from './serve.ts';

/** Set by scripts/build.ts. */
declare const VERSION: string;

const parsed = parseFlags(process.argv.slice(2));
if ('faults' in parsed) {
  for (const fault of parsed.faults) complain(renderFault(fault));
  complain('--help lists all flags');
  process.exitCode = 2;
} else if (parsed.help) process.stdout.write(usage());
else if (parsed.config.version) process.stdout.write(`${VERSION}\n`);
else await run(parsed);

async function run({ config, given }: Pick<ServeOptions, 'config' | 'given'>): Promise<void> {
  let survived: Webhook['survived'] = () => {};
  const log = openLog(config, (code) => survived(code));
  if (log === undefined) return;
  const cpuSeconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
  const usage = { residentBytes: process.memoryUsage.rss, cpuSeconds };
  const { env } = process;
  const onState = tuneEngine(log);
  const starting = serve({ config, given, env, version: VERSION, usage, clock: systemClock, log, onState });
  onSignals(starting, log, config);
  const webhook = await starting;
  if ('message' in webhook) return end(webhook.message);
  survived = webhook.survived;
  // a bug in one request never harms another: state that requests share is not half-written by what they throw
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.error('survived what nobody caught', { error: describeError(error) });
      webhook.survived(event);
    });
  }
}

function openLog(config: Config, survived: Webhook['survived']): Log | undefined {
  const writer = `pod-identity-webhook ${VERSION}`;
  const opened = createLog(config, { stderrFd: process.stderr.fd, clock: systemClock, writer, survived });
  if ('code' in opened) return void end(opened.message);
  process.on('exit', () => opened.flushSync());
  return opened.log;
}

/**
 * SIGTERM is the kubelet's; SIGINT is a person's at a terminal, who wants no delay. The second signal ends at once. One
 * that comes during the start waits for it: nothing else would end a container's first process in order.
 */
function onSignals(starting: ReturnType<typeof serve>, log: Log, config: Config): void {
  let signals = 0;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (++signals > 1) process.exit(1);
    const delayMs = signal === 'SIGINT' ? 0 : config.shutdownDelayDuration.toMilliseconds();
    log.info('shutting down', { signal, delayMs });
    const webhook = await starting;
    if ('drain' in webhook) await webhook.drain(delayMs);
    log.info('ended');
    process.exit(0);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}

function end(message: string): void {
  complain(message);
  process.exit(1);
}

function complain(line: string): void {
  process.stderr.write(`pod-identity-webhook: ${line}\n`);
}
