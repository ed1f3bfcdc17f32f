/** IO: the one door to @peculiar/x509. Makes no certificates itself. */

/** The package, loaded. */
export type X509 = typeof import('@peculiar/x509');

/** Loads the package on first use: it costs 50 ms and more than 10 MB, which a server that finds a good certificate never pays. */
export async function loadX509(): Promise<X509> {
  const { x509 } = await import('./x509-package.ts');
  return x509;
}
