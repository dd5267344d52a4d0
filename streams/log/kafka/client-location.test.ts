import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadKafkaClient } from './client-location.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'client-location-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A folder from which the client is looked for; with `code`, one is installed there. */
function place(name: string, code?: string): URL {
  const client = join(root, name, 'node_modules/@confluentinc/kafka-javascript');
  mkdirSync(join(root, name), { recursive: true });
  if (code !== undefined) {
    mkdirSync(client, { recursive: true });
    writeFileSync(join(client, 'index.js'), code);
  }
  return pathToFileURL(join(root, name, 'package.json'));
}

test('takes the client of the first place that has one', () => {
  const places = [
    place('nothing'),
    place('first', 'module.exports = { from: "first" };'),
    place('second', 'module.exports = { from: "second" };'),
  ];
  expect(loadKafkaClient(places)).toEqual({ from: 'first' });
});

test('says how to install the client when there is none', () => {
  expect(() => loadKafkaClient([place('nothing')])).toThrow(
    expect.objectContaining({
      code: 'STREAMS_CLIENT_MISSING',
      message: expect.stringContaining('npm run kafka:install'),
    }),
  );
});

test('says why a client that is there does not load, and does not go on to another', () => {
  const broken = place('broken', 'throw new Error("compiled against another Node");');
  const whole = place('whole', 'module.exports = {};');
  expect(() => loadKafkaClient([broken, whole])).toThrow(
    expect.objectContaining({
      code: 'STREAMS_CLIENT_MISSING',
      message: expect.stringContaining('does not load'),
      cause: expect.objectContaining({ message: 'compiled against another Node' }),
    }),
  );
});
