/** A directory for one test file, removed when its tests are over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Answers a function that makes a new, empty directory with each call. */
export function temporaryDirectories(): () => string {
  const root = mkdtempSync(join(tmpdir(), 'millrace-'));
  let count = 0;
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return () => {
    count += 1;
    return join(root, String(count));
  };
}
