/** Test cluster: a suite's process edge: what it reads of its process, and how it ends. Holds no tests. */
import { spawn } from 'node:child_process';
import { after, afterEach, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ownsCluster } from './cluster.ts';
import { type Fixture, openFixture } from './fixture.ts';
import { type Installed, openInstalled, readEvidence } from './installed.ts';
import { readFolders } from './layout.ts';
import { openTarget, type Target, tryFindReasonToSkip } from './target.ts';
import type { Flags } from './webhook.ts';

const { env, platform, execPath, stderr } = process;
const say = (line: string) => void stderr.write(`${line}\n`);
const around = { env, platform, userId: process.getuid?.(), path: env.PATH, say };
const program = fileURLToPath(new URL('../../build/server/main.js', import.meta.url));
const main = fileURLToPath(new URL('main.ts', import.meta.url));
const skip = tryFindReasonToSkip(around) ?? false;
/** The first start compiles Kubernetes. */
const setUp = { timeout: 1_500_000 };

/** Whether the cluster is the one of KUBECONFIG. */
export const isForeign = Boolean(env.KUBECONFIG);
/** Options of a test that any cluster will do for. */
export const limit = { timeout: 120_000, skip };
/** Options of a test that breaks parts of the cluster or puts images on it. */
export const ownOnly = {
  timeout: 120_000,
  skip: skip || (isForeign && 'the cluster of KUBECONFIG is not ours to change'),
};

/** Opens a fixture before a file's tests and closes it after them; when one failed, with the end of the server's log. @param flags besides those that the suite needs */
export function useFixture(withNode: boolean, use: (fixture: Fixture) => void, flags: Flags = {}): void {
  useOpened((withNode ? ownOnly : limit).skip, {
    open: () => openFixture({ ...around, withNode }, { node: execPath, program, flags }),
    use,
    explain: async ({ webhook }) => `the server's log ends:\n${webhook.log()}`,
  });
}

/** The same for a cluster that the webhook's image is on; when a test failed, with what the pods say. */
export function useInstalled(use: (installed: Installed) => void): void {
  useOpened(ownOnly.skip, { open: () => openInstalled(around, execPath), use, explain: readEvidence });
}

/** The same for a cluster with nothing on it. It is never one of KUBECONFIG: the tests would leave kinds and namespaces. */
export function useTarget(use: (target: Target) => void): void {
  useOpened(ownOnly.skip, { open: () => openTarget(around), use, explain: async () => '' });
}

interface Opening<T> {
  readonly open: () => Promise<T>;
  readonly use: (opened: T) => void;
  /** What may tell why a test failed. */
  readonly explain: (opened: T) => Promise<string>;
}

function useOpened<T extends { close(): Promise<void> }>(skip: string | boolean, opening: Opening<T>): void {
  let opened: T | undefined;
  let hasFailed = false;
  before(async () => {
    if (skip) return;
    opened = await opening.open();
    opening.use(opened);
  }, setUp);
  // of the first failure, before later tests change what there is to see
  afterEach(async (context) => {
    if (hasFailed || !opened || !('passed' in context) || context.passed) return;
    hasFailed = true;
    say(await opening.explain(opened));
  });
  after(() => opened?.close(), limit);
  cleanUpOnExit();
}

/** An interrupted runner waits for nobody, so another process cleans up. */
function cleanUpOnExit(): void {
  process.once('exit', () => {
    if (!ownsCluster(readFolders(env).state)) return;
    spawn(execPath, [main, 'down'], { detached: true, stdio: 'ignore' }).unref();
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
}
