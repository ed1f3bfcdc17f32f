/** IO, Kubernetes: keeps a handler in step with one resource for as long as it runs. Never gives up; knows no resource by name. */
import type { AccessRule } from '../../../contract/access.ts';
import type { Log } from '../../ports.ts';
import type { Feed, ObjectHandler } from './feed.ts';
import { forbiddenText } from './forbidden.ts';
import { listPages } from './initial-list.ts';
import { type Ending, firstPosition, nextStep, type Position, type Step } from './next-step.ts';
import { watchStream } from './watch-stream.ts';

export interface ReflectorOptions extends Omit<Feed, 'resource' | 'query'> {
  /** Parameters of every request, as a field selector. @default none */
  readonly query?: Feed['query'];
  /** The rights that this needs, named when one is missing. */
  readonly access: AccessRule;
  /** Name of the only object that is followed, for that text. */
  readonly objectName?: string;
  readonly log: Log;
}

/** The loop that lists and watches one resource. */
export interface Reflector {
  /** Begins; does nothing when it has begun. */
  start(): void;
  /** Ends at once, whatever it waits for; the handler is not called again. */
  stop(): void;
  /** Lists everything anew, if it runs. */
  restart(): void;
  /** How the last list or watch failed; undefined when it ended in order. */
  lastFault(): string | undefined;
}

/** Returns a loop that has not begun. An exception of the handler is logged and counted, and the loop goes on. */
export function createReflector({ access, query = {}, objectName, ...options }: ReflectorOptions): Reflector {
  const log = options.log.for('io/kube/reflector');
  const feed: Feed = { ...options, query, resource: access.resource, handler: guarded(options, log) };
  let running: AbortController | undefined;
  let lastFault: string | undefined;

  async function run(signal: AbortSignal): Promise<void> {
    let position = firstPosition;
    while (!signal.aborted) {
      const ending = await follow(feed, position, signal);
      if (signal.aborted) return;
      const step = nextStep(position, ending, feed.random);
      lastFault = faultOf(ending);
      report(feed, { access, objectName, log, ending, step, from: position });
      position = step.position;
      await pause(feed, step.waitMs, signal);
    }
  }

  function start(): void {
    if (running) return;
    running = new AbortController();
    void run(running.signal);
  }

  function stop(): void {
    running?.abort();
    running = undefined;
  }

  function restart(): void {
    if (!running) return;
    stop();
    start();
  }

  return { start, stop, restart, lastFault: () => lastFault };
}

/** Brings the handler to a whole state if it has none, then follows until something ends. Never rejects. */
async function follow(feed: Feed, { resourceVersion, way }: Position, signal: AbortSignal): Promise<Ending> {
  try {
    if (resourceVersion !== undefined || way === 'stream') return await watchStream(feed, resourceVersion, signal);
    const listed = await listPages(feed, signal);
    return listed.status === 200 ? await watchStream(feed, listed.resourceVersion, signal) : listed;
  } catch (error) {
    const reason = `internal error: ${(error as Error).message}`;
    return { verb: 'watch', status: 0, reason, resourceVersion: undefined, wasHeard: false, lastedMs: 0 };
  }
}

function guarded({ handler, metrics }: { handler: ObjectHandler; metrics: Feed['metrics'] }, log: Log): ObjectHandler {
  const survived = (error: unknown) => {
    metrics.survived('watch-handler-failed');
    log.error('An event of the API server could not be taken in; going on with the next', {
      error: (error as Error).message,
    });
  };
  const guard = (work: () => void) => {
    try {
      work();
    } catch (error) {
      survived(error);
    }
  };
  return {
    begin: () => guard(() => handler.begin()),
    // comes for all objects of a cluster: without a closure
    put(object) {
      try {
        handler.put(object);
      } catch (error) {
        survived(error);
      }
    },
    delete: (object) => guard(() => handler.delete(object)),
    commit: () => guard(() => handler.commit()),
    get size() {
      return handler.size;
    },
  };
}

interface Report {
  readonly access: AccessRule;
  readonly objectName: string | undefined;
  readonly log: Log;
  readonly ending: Ending;
  readonly step: Step;
  readonly from: Position;
}

function report(feed: Feed, { access, objectName, log, ending, step, from }: Report): void {
  const { resource } = feed;
  const fields = { resource, reason: ending.reason, status: ending.status, waitMs: Math.round(step.waitMs) };
  const isRelist = step.position.resourceVersion === undefined && ending.resourceVersion !== undefined;
  if (isRelist) feed.metrics.watched(resource, 'relist');
  if (ending.status === 200 && !isRelist) {
    log.verbose(4, 'The API server closed the watch; resuming', fields);
    return;
  }
  feed.metrics.watched(resource, `error:${labelOf(ending)}`);
  if (ending.status === 403) log.error(forbiddenText({ access, verb: ending.verb, objectName }), fields);
  else if (step.position.isStreamRefused && !from.isStreamRefused) {
    log.info('The API server does not stream lists; reading pages instead', fields);
  } else if (isRelist) log.info('The state is too old to be followed; listing anew', fields);
  else log.warning(failed(ending), { ...fields, server: feed.client.server, failures: step.position.failures });
}

function failed({ verb, status }: Ending): string {
  const wayOut = status === 0 ? ': is the API server up, and do --kubeconfig and --kube-api lead to it?' : '';
  return `The ${verb} has failed; trying again${wayOut}`;
}

/** A bounded set of labels: few statuses are ever seen, and the reason is left to the log. */
function labelOf({ status }: Ending): string {
  return status === 0 ? 'network' : status === 200 ? 'quick-close' : String(status);
}

function faultOf({ verb, status, reason }: Ending): string | undefined {
  if (status === 200) return undefined;
  return status === 0 ? `${verb}: ${reason}` : `${verb}: ${status} ${reason}`;
}

function pause({ clock }: Feed, ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const over = () => {
      callOff();
      signal.removeEventListener('abort', over);
      resolve();
    };
    const callOff = clock.after(ms, over);
    signal.addEventListener('abort', over);
  });
}
