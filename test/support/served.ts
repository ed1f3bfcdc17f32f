/** Test support: the built program serving manifests, with all its files in a temporary folder. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findFreePort } from './free-port.ts';
import { type Program, root, startProgram } from './program.ts';
import { tempFolder } from './temp-folder.ts';

/** The review of examples/, whose service account is among its manifests. */
export const exampleReview = readFileSync(join(root, 'examples/review.json'), 'utf8');

/** Where a webhook keeps its files, and where it listens. */
export interface Place {
  readonly folder: string;
  readonly port: number;
  /** Flags that keep everything in the folder and identities from examples/. */
  readonly flags: readonly string[];
}

/** Returns a free place; flags that follow these win. */
export async function findPlace(t: TestContext): Promise<Place> {
  const folder = tempFolder(t);
  const port = await findFreePort();
  const flags = [
    `--port=${port}`,
    '--metrics-port=0',
    '--in-cluster=false',
    '--identities-from=examples',
    `--cert-dir=${join(folder, 'certs')}`,
    `--webhook-config=${join(folder, 'config.yaml')}`,
    '--shutdown-delay-duration=0s',
  ];
  return { folder, port, flags };
}

/** Starts a webhook at the place, and returns it once it serves. */
export async function serveAt(t: TestContext, place: Place, ...more: readonly string[]): Promise<Program> {
  const program = startProgram(t, [...place.flags, ...more]);
  await program.line('"serving"');
  return program;
}

/** Writes a file into the place's folder and returns its path. */
export function put({ folder }: Place, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
