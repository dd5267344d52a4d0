import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localStateContract } from '../local-state-contract.ts';
import { openLocalState } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'lmdb-local-state-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directories = 0;

localStateContract('local state on LMDB', async () => {
  const directory = join(root, `${++directories}`);
  const open = () => openLocalState({ directory });
  return { storage: await open(), reopen: open };
});
