/** IO: the one door to @peculiar/x509. Makes no certificates itself. */

/** The package, loaded. */
export type X509 = typeof import('@peculiar/x509');

/**
 * Loads @peculiar/x509 on first use: it costs 140 ms and 25 MB, which a server that finds a good certificate never pays.
 */
export async function loadX509(): Promise<X509> {
  provideMetadata();
  return import('@peculiar/x509');
}

/**
 * The package's dependency injection keeps notes on classes through three functions that no JavaScript engine has, and
 * refuses to load without them. These three are all of it that is used.
 * @see https://github.com/PeculiarVentures/x509#%EF%B8%8F-reflect-polyfill-required
 */
function provideMetadata(): void {
  if ('getMetadata' in Reflect) return;
  const notes = new WeakMap<object, Map<unknown, unknown>>();
  const getOwnMetadata = (key: unknown, target: object) => notes.get(target)?.get(key);
  const getMetadata = (key: unknown, target: object | null): unknown =>
    target === null ? undefined : (getOwnMetadata(key, target) ?? getMetadata(key, Object.getPrototypeOf(target)));
  const defineMetadata = (key: unknown, value: unknown, target: object) => {
    notes.set(target, (notes.get(target) ?? new Map()).set(key, value));
  };
  Object.assign(Reflect, { getOwnMetadata, getMetadata, defineMetadata });
}
