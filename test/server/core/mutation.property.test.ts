/** The laws of every mutation, whatever the pod: it only adds, does nothing twice, never throws, never points at nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { isObject } from '../../../server/core/json.ts';
import type { Container, JsonObject, Pod, Volume, VolumeMount } from '../../../server/core/types.ts';
import { arbitraryPod, world } from '../../support/pods.ts';
import { answerTo, review, type World } from '../../support/reviews.ts';

/** Sends the pod as JSON would bring it, frozen, and returns it with the patch and what the patch makes of it. */
async function mutate(given: unknown, world: World) {
  const pod = deepFreeze(JSON.parse(JSON.stringify(given))) as Pod;
  const { reply } = await answerTo(review(pod), world);
  const patched = jsonPatch.applyPatch(structuredClone(pod), reply.patch).newDocument;
  return { pod, patch: reply.patch, patched };
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

test('a patched pod keeps every field and value, and its lists what they began with', () =>
  law(async (given, world) => {
    const { pod, patched } = await mutate(given, world);
    assert.ok(isExtension(pod, patched), JSON.stringify(patched));
  }));

function isExtension(before: unknown, after: unknown): boolean {
  if (before === null) return true;
  if (Array.isArray(before)) return Array.isArray(after) && before.every((value, i) => isExtension(value, after[i]));
  if (!isObject(before)) return before === after;
  return isObject(after) && Object.keys(before).every((key) => isExtension(before[key], after[key]));
}

test('the patch is the least that makes the difference: what fast-json-patch finds between both pods', () =>
  law(async (given, world) => {
    const { pod, patch, patched } = await mutate(given, world);
    // a list that is null is filled by `add`, which RFC 6902 defines for members that are there; compare says `replace`
    const found = jsonPatch.compare(pod, patched).map((operation) => ({ ...operation, op: 'add' }));
    assert.deepEqual(byPath(patch), byPath(found));
  }));

function byPath<T extends { readonly path: string }>(operations: readonly T[]): readonly T[] {
  return operations.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

test('a second pass gives no patch', () =>
  law(async (given, world) => {
    const { patched } = await mutate(given, world);
    assert.deepEqual((await mutate(patched, { ...world, random: 0 })).patch, []);
  }));

test('skipped and ephemeral containers, and containers not included, stay as they are', () =>
  law(async (given, world) => {
    const skipped = { ...given, metadata: { annotations: { 'eks.amazonaws.com/skip-containers': 'app, a/b' } } };
    const { pod, patched } = await mutate(skipped, world);
    assert.deepEqual(patched.spec.ephemeralContainers, pod.spec.ephemeralContainers);
    const all = allContainers(patched);
    allContainers(pod).forEach((container, i) => {
      if (['app', 'a/b'].includes(container.name)) assert.deepEqual(all[i], container);
    });
    const included = { ...given, metadata: { annotations: { 'eks.amazonaws.com/include-containers': 'nobody' } } };
    assert.deepEqual((await mutate(included, world)).patch, []);
  }));

test('a token file that is added lies in a mount of a volume that projects this token', () =>
  law(async (given, world) => {
    const { pod, patched } = await mutate(given, world);
    const all = allContainers(patched);
    allContainers(pod).forEach((before, i) => {
      const file = tokenFile(all[i]);
      if (file === undefined || tokenFile(before) !== undefined) return;
      assert.ok(readableFiles(patched, all[i]).includes(file), `${file} of ${JSON.stringify(all[i])}`);
    });
  }));

test('every container that lacks credentials and is not skipped gets all of them', () =>
  law(async (given, world) => {
    const { pod, patched } = await mutate({ ...given, metadata: {} }, world);
    const all = allContainers(patched);
    allContainers(pod).forEach((before, i) => {
      const own = new Set(before.env?.map(({ name }) => name));
      if (own.has('AWS_ROLE_ARN') || own.has('AWS_WEB_IDENTITY_TOKEN_FILE')) return;
      const now = new Set(all[i]?.env?.map(({ name }) => name));
      for (const name of ['AWS_ROLE_ARN', 'AWS_IAM_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE']) assert.ok(now.has(name));
    });
  }));

test('names of volumes and mount paths of a container stay unique', () =>
  law(async (given, world) => {
    const { patched } = await mutate(given, world);
    assertUnique((patched.spec.volumes ?? []).map(({ name }) => name));
    for (const { volumeMounts } of allContainers(patched)) {
      assertUnique((volumeMounts ?? []).map(({ mountPath }) => mountPath));
    }
  }));

function law(check: (pod: object, world: World) => Promise<void>) {
  return fc.assert(fc.asyncProperty(arbitraryPod, world, check), { numRuns: 300 });
}

const allContainers = ({ spec }: Pod): readonly Container[] => [...spec.containers, ...(spec.initContainers ?? [])];

function assertUnique(values: readonly string[]) {
  assert.equal(new Set(values).size, values.length, values.join(' '));
}

function tokenFile(container: Container | undefined): string | undefined {
  return container?.env?.find(({ name }) => name === 'AWS_WEB_IDENTITY_TOKEN_FILE')?.value;
}

/** Every token file that a container can read, as Linux or Windows writes its path. */
function readableFiles({ spec }: Pod, container: Container | undefined): string[] {
  const byName = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  const whole = (container?.volumeMounts ?? []).filter(({ subPath, subPathExpr }) => !subPath && !subPathExpr);
  const files = whole.flatMap((mount) => tokenPaths(byName.get(mount.name)).map((file) => join(mount, file)));
  return files.flatMap((file) => [file, `C:${file.replaceAll('/', '\\')}`]);
}

const join = ({ mountPath }: VolumeMount, file: string) => `${mountPath.replace(/\/+$/, '')}/${file}`;

function tokenPaths(volume: Volume | undefined): string[] {
  const sources = isObject(volume?.projected) ? (volume.projected.sources as JsonObject[]) : [];
  return sources.flatMap(({ serviceAccountToken }) =>
    isObject(serviceAccountToken) ? [String(serviceAccountToken.path)] : [],
  );
}
