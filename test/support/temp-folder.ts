/** Test support: an empty folder that is gone after the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Returns the path of a new folder, removed with all it holds when the test ends. */
export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pod-identity-webhook-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
