/** The examples run as their heads say, and print what they promise. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function output(example: string, ...words: readonly string[]): string[] {
  const file = join(import.meta.dirname, '../examples', example);
  const environment = { ...process.env, NODE_OPTIONS: '' };
  return execFileSync(process.execPath, ['--import', 'tsx', file, ...words], { env: environment })
    .toString()
    .trim()
    .split('\n');
}

test('word-count goes on with its counts when it runs again, in threads too', () => {
  const directory = mkdtempSync(join(tmpdir(), 'word-count-'));
  try {
    expect(output('word-count.ts', directory)).toEqual(['be: 2']);
    expect(output('word-count.ts', directory)).toEqual(['be: 4']);
    expect(output('word-count-in-threads.ts', directory)).toEqual(['be: 6']);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('price-join multiplies a sale with the price that holds when it arrives', () => {
  expect(output('price-join.ts')).toEqual(['TEA-250: 59700 paise']);
});

test('click-rate counts late clicks in their own window and drops what is too late', () => {
  expect(output('click-rate.ts')).toEqual([
    '/tea 0s: 1',
    '/tea 0s: 2',
    '/tea 10s: 1',
    '/tea 0s: 3',
    '/tea 10s: 2',
  ]);
});
