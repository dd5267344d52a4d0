#!/usr/bin/env node
// The command as it is installed. CommonJS, because Node reads an ES module with threads of libuv's
// pool, and how many those are is settled when the first one is used.
const { enableCompileCache } = require('node:module');

// On Kafka each commit under way holds a thread of that pool, and passwords, files and names need
// some too: with Node's four they wait for each other, for 30 s when the brokers are away.
process.env.UV_THREADPOOL_SIZE ??= '16';

// Not there on Node 20: keeps compiled code from one start to the next.
enableCompileCache?.();

async function start() {
  // Node strips types itself from 22.18 on; on Node 20 tsx does it.
  if (!process.features.typescript) {
    const { register } = await import('tsx/esm/api');
    register();
  }
  await import('./main.ts');
}

void start();
