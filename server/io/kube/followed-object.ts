/** IO, Kubernetes: follows one object by its name. Knows nothing of what it holds, and changes nothing. */
import type { AccessRule } from '../../../contract/access.ts';
import type { Feed, ObjectHandler } from './feed.ts';
import { createReflector, type ReflectorOptions } from './reflector.ts';
import type { KubeObject } from './watch-event.ts';

/** Which object is followed, and with what. */
export interface FollowedObjectOptions extends Pick<Feed, 'client' | 'clock' | 'random' | 'metrics' | 'path'> {
  readonly name: string;
  readonly access: AccessRule;
  readonly log: ReflectorOptions['log'];
  /** Is called after every change. */
  readonly onChange: () => void;
}

/** One object, as last seen. */
export interface FollowedObject {
  start(): void;
  stop(): void;
  /** Undefined until it is known; null: there is none. */
  current(): KubeObject | null | undefined;
  /** Takes in what the API server answered to a change, sooner than the watch tells of it. */
  note(object: KubeObject): void;
  /** How the last attempt to follow failed. */
  lastFault(): string | undefined;
}

/** Returns the object, not yet followed. */
export function followObject({ name, onChange, ...options }: FollowedObjectOptions): FollowedObject {
  let current: KubeObject | null | undefined;
  let wasSeen = false;
  let newest = 0;
  const set = (object: KubeObject | null): void => {
    const isSame = object?.metadata.resourceVersion === current?.metadata.resourceVersion;
    if (isSame && current !== undefined) return;
    current = object;
    onChange();
  };
  const heard = (object: KubeObject): void => {
    newest = versionOf(object);
  };
  const handler: ObjectHandler = {
    begin() {
      wasSeen = false;
    },
    put(object) {
      if (object.metadata.name !== name) return;
      wasSeen = true;
      heard(object);
      // not only on commit: an object that was seen is there, and a start waits for it
      set(object);
    },
    delete(object) {
      if (object.metadata.name !== name) return;
      heard(object);
      set(null);
    },
    commit() {
      if (!wasSeen) set(null);
    },
    get size() {
      return current ? 1 : 0;
    },
  };
  const query = { fieldSelector: `metadata.name=${name}` };
  const reflector = createReflector({ ...options, query, objectName: name, handler });
  return {
    start: () => reflector.start(),
    stop: () => reflector.stop(),
    current: () => current,
    note(object) {
      // the watch may have told of a later change while the answer was on its way
      if (versionOf(object) >= newest) set(object);
    },
    lastFault: () => reflector.lastFault(),
  };
}

/** Resource versions of one resource may be compared since Kubernetes 1.35, and could in practice ever since etcd. */
function versionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion);
}
