#!/usr/bin/env node
// The command as it is installed. Node strips types itself from 22.18 on; on Node 20 tsx does it.
import module from 'node:module';

// Not there on Node 20: keeps compiled code from one start to the next.
module.enableCompileCache?.();
if (!process.features.typescript) {
  const { register } = await import('tsx/esm/api');
  register();
}
await import('./main.ts');
