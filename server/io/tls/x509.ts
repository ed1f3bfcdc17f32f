/** IO: the one door to @peculiar/x509. Makes no certificates itself. */

/** The package, loaded. */
export type X509 = typeof import('@peculiar/x509');

/**
 * Loads @peculiar/x509 on first use, after the Reflect API that its dependency injection demands: together they cost
 * 140 ms and 25 MB, which a server that finds a good certificate never pays.
 */
export async function loadX509(): Promise<X509> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}
