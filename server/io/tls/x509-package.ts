/** IO: @peculiar/x509, after the Reflect API that its dependency injection demands. Import it through x509.ts only. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

// as one value: the bundler cannot list what a CommonJS package exports
export { x509 };
