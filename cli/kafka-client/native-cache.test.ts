import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeCache } from './native-cache.ts';

const { XDG_CACHE_HOME: configured } = process.env;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'native-cache-'));
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
});
afterEach(() => {
  if (configured === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = configured;
  rmSync(folder, { recursive: true, force: true });
});

/** A client as compiling leaves it: what is needed, and much that is not. */
function compiledClient(): string {
  const client = join(folder, 'compiled');
  for (const path of ['build/Release/obj.target', 'build/deps/include']) {
    mkdirSync(join(client, path), { recursive: true });
  }
  for (const path of [
    'build/Makefile',
    'build/Release/client.node',
    'build/deps/librdkafka.so.1',
    'build/deps/librdkafka-static.a',
  ]) {
    writeFileSync(join(client, path), path);
  }
  symlinkSync('librdkafka.so.1', join(client, 'build/deps/librdkafka.so'));
  return client;
}

test('gives back what loads the client, and keeps nothing else', () => {
  const client = join(folder, 'client');
  nativeCache('1.0.0').keep(compiledClient());
  nativeCache('1.0.0').restore(client);

  expect(readdirSync(join(client, 'build')).sort()).toEqual(['Release', 'deps']);
  expect(readdirSync(join(client, 'build/Release')).sort()).toEqual(['client.node']);
  expect(readdirSync(join(client, 'build/deps')).sort()).toEqual([
    'librdkafka.so',
    'librdkafka.so.1',
  ]);
  expect(readFileSync(join(client, 'build/Release/client.node'), 'utf8')).toContain('client.node');
  // A link to where it was compiled would lead nowhere.
  expect(readlinkSync(join(client, 'build/deps/librdkafka.so'))).toBe('librdkafka.so.1');
});

test('keeps each version of the client apart, below the cache folder of the user', () => {
  nativeCache('1.0.0').keep(compiledClient());
  expect(nativeCache('1.0.0').has()).toBe(true);
  expect(nativeCache('1.0.1').has()).toBe(false);
  expect(existsSync(join(folder, 'cache/millrace/kafka-client'))).toBe(true);
});

test('what is kept again takes the place of what was kept', () => {
  const client = compiledClient();
  nativeCache('1.0.0').keep(client);
  writeFileSync(join(client, 'build/Release/client.node'), 'mended');
  nativeCache('1.0.0').keep(client);
  const kept = join(nativeCache('1.0.0').folder, 'Release/client.node');
  expect(readFileSync(kept, 'utf8')).toBe('mended');
});
