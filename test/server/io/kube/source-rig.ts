/** Test support of io/kube: a source of service accounts that follows a fake API server. */
import type { TestContext } from 'node:test';
import type { IdentityFacts } from '../../../../server/core/types.ts';
import { createServiceAccountSource } from '../../../../server/io/kube/service-accounts.ts';
import type { IdentitySource } from '../../../../server/ports.ts';
import { createRig, type Rig, until } from './rig.ts';

const roleAnnotation = 'eks.amazonaws.com/role-arn';
/** Annotations with a role. */
export const role = { [roleAnnotation]: 'arn:aws:iam::111122223333:role/app' };
/** Metadata with a role. */
export const withRole = { annotations: role };
/** What a lookup that waited says of an account with the role. */
export const live: IdentityFacts = { outcome: 'live', annotations: role };
/** What the cache says of an account without. */
export const plain = { outcome: 'cached', annotations: {} };

/** What a test of the source works with. */
export interface Setup extends Rig {
  readonly source: IdentitySource;
  lookup(name: string, patienceMs?: number): IdentityFacts | Promise<IdentityFacts>;
  /** Marks the end of what was sent so far: resolves once the watch has brought it. */
  caughtUp(): Promise<void>;
}

/** Returns a source that has not begun, and a server that has one account with a role and one without. */
export async function setup(context: TestContext, graceMs: number): Promise<Setup> {
  const rig = await createRig(context);
  const isRelevant = (key: string) => key.startsWith('eks.amazonaws.com/');
  const source = createServiceAccountSource({ ...rig, isRelevant, roleAnnotation, graceMs, onState: () => {} });
  context.after(() => source.stop());
  const created = (ageMs: number) => new Date(rig.clock.nowMs() - ageMs).toISOString();
  rig.server.put('team', 'old', { annotations: { other: 'x' }, creationTimestamp: created(3_600_000) });
  rig.server.put('team', 'app', { annotations: { ...role, other: 'x' }, creationTimestamp: created(3_600_000) });
  let marks = 0;
  return {
    ...rig,
    source,
    lookup: (name, patienceMs = 3000) =>
      source.lookup({ namespace: 'team', name }, rig.clock.monotonicMs() + patienceMs),
    async caughtUp() {
      const mark = `mark-${++marks}`;
      rig.server.put('marks', mark);
      await until(() => source.snapshot().has(`marks/${mark}`));
    },
  };
}

/** Starts the source and waits for the first state. */
export async function synced(context: TestContext, graceMs = 1000): Promise<Setup> {
  const rig = await setup(context, graceMs);
  rig.source.start();
  await until(() => rig.source.readiness() === undefined);
  return rig;
}
