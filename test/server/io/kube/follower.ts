/** Test support of io/kube: a loop that follows a fake API server, with its waits in the hands of the test. */
import type { TestContext } from 'node:test';
import { access } from '../../../../contract/access.ts';
import { createReflector, type Reflector } from '../../../../server/io/kube/reflector.ts';
import { RecordingHandler } from './recording-handler.ts';
import { createRig, type Rig, until } from './rig.ts';

/** What a test of the loop works with. */
export interface Follower extends Rig {
  readonly handler: RecordingHandler;
  readonly reflector: Reflector;
  /** Lets the wait that the loop is in pass, and returns its length in milliseconds. */
  pass(): Promise<number>;
  /** Resolves once the loop waits before it tries again. */
  paused(): Promise<void>;
}

/** Returns a loop that has not begun, and a server that has one account. */
export async function follower(context: TestContext): Promise<Follower> {
  const rig = await createRig(context);
  rig.server.put('team', 'first');
  const handler = new RecordingHandler();
  const path = '/api/v1/serviceaccounts';
  const reflector = createReflector({ ...rig, path, access: access.serviceAccounts, handler });
  context.after(() => reflector.stop());
  let passed = 0;
  const waits = () => rig.log.lines.map(({ fields }) => Number(fields.waitMs)).filter((ms) => ms > 0);
  const paused = () => until(() => waits().length > passed);
  return {
    ...rig,
    handler,
    reflector,
    paused,
    async pass() {
      await paused();
      const waitMs = waits()[passed++] ?? 0;
      await rig.clock.advance(waitMs);
      return waitMs;
    },
  };
}

/** Starts and waits for the first state. */
export async function synced(context: TestContext): Promise<Follower> {
  const rig = await follower(context);
  rig.reflector.start();
  await until(() => rig.handler.size === 1);
  return rig;
}
