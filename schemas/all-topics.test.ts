/** A topic that is declared and not listed would be missing from taps, the lake and the start. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allTopics } from './all-topics.ts';

test('every topic that a domain declares is listed once', () => {
  const declared = readdirSync(import.meta.dirname)
    .filter((file) => /^[a-z-]+\.ts$/.test(file))
    .flatMap((file) => [
      ...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(
        /= topic\(\s*'([a-z-]+\.[a-z-]+)'/g,
      ),
    ])
    .map((match) => match[1]);
  expect(allTopics.map(({ name }) => name).sort()).toEqual(declared.sort());
});
