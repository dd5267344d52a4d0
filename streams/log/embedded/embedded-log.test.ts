import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logContract } from '../log-contract.ts';
import { openEmbeddedLog } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'embedded-log-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let directories = 0;
const newDirectory = () => join(root, `${++directories}`);

logContract('the embedded log', {
  open: (options) => openEmbeddedLog({ directory: newDirectory(), ...options }),
});
