import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { decided } from './decided.ts';
import { problemCodes, statusOf } from './problem.ts';

test('docs/errors.md explains every problem with its status, and no other', () => {
  const documented = readFileSync('docs/errors.md', 'utf8').matchAll(
    /^\| ([a-z-]+) \| (\d{3}) \|/gm,
  );
  const told = [...documented].map(([, code, status]) => `${code} ${status}`);
  const known = problemCodes.map((code) => `${code} ${statusOf(code)}`);
  expect(told.sort()).toEqual(known.sort());
});

test('docs/errors.md explains every refusal of the deciders, and no other', () => {
  const sources = readdirSync('topologies', { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !/test|simulated/.test(path),
  );
  const said = sources.flatMap((path) => refusalsIn(readFileSync(`topologies/${path}`, 'utf8')));
  const [, table = ''] = readFileSync('docs/errors.md', 'utf8').split('| refusal |');
  const explained = [...table.matchAll(/^\| ([a-z]+(?:-[a-z]+)+) \|/gm)].map(([, code]) => code);
  expect(explained.sort()).toEqual([...new Set(said)].sort());
});

/** As the rules write them: the code of an object, an argument of a refusal, what a line fails by. */
function refusalsIn(source: string): string[] {
  const isOfLines = source.includes("'unknown-item'");
  const wanted = source
    .split('\n')
    .filter((line) => /refus(?:e|al|ed)\(|code: |\.code \?\?/.test(line) || isOfLines);
  return wanted
    .flatMap((line) => line.match(/'[a-z]+(?:-[a-z]+)+'/g) ?? [])
    .map((c) => c.slice(1, -1));
}

const refused =
  (code: string, details: readonly Record<string, string>[] = []) =>
  () =>
    decided({
      commandId: 'cmd_1' as never,
      outcome: 'rejected',
      version: 1,
      code,
      message: 'no',
      details,
    });

test("a decider's refusal keeps its code and is a conflict", () => {
  const statusCode = 409;
  expect(refused('stock-below-reserved')).toThrow(
    expect.objectContaining({ code: 'stock-below-reserved', statusCode }),
  );
});

test('lines that failed have numbers, fields that failed have paths', () => {
  const line = { sku: '250', code: 'out-of-stock', requested: '3', available: '1' };
  const lines = [{ ...line, requested: 3, available: 1 }];
  expect(refused('out-of-stock', [line])).toThrow(
    expect.objectContaining({ body: expect.objectContaining({ lines }) }),
  );
  const errors = [{ path: 'title', message: 'title is empty' }];
  expect(refused('item-invalid', [{ field: 'title', reason: 'title is empty' }])).toThrow(
    expect.objectContaining({ statusCode: 422, body: expect.objectContaining({ errors }) }),
  );
});

test('a code that an object inherits is a code like any other', () => {
  expect(refused('constructor')).toThrow(expect.objectContaining({ statusCode: 409 }));
});
