/** What is measured: which program, on which data, by which engines, and what must come out. */

import type { DataSize } from './data/input-record.ts';
import type { EngineName } from './engines.ts';
import {
  expectedCount,
  expectedJoin,
  expectedMap,
  expectedRepartition,
  expectedWindowedCount,
} from './expected/bench-results.ts';
import {
  expectedCurrencyConversion,
  expectedHotItems,
  expectedLocalItems,
  expectedNewSellers,
  expectedUserSessions,
} from './expected/nexmark-results.ts';
import type { ExpectedResult } from './expected/result.ts';

/** Takes all of its input as fast as it can. */
export interface ThroughputProgram {
  readonly name: string;
  /** Arguments of the process; the harness adds where to read, write and keep state. */
  readonly options: { readonly program: string } & Readonly<Record<string, string | number>>;
  readonly data: 'events' | 'nexmark';
  /** Without the prefix of the run. */
  readonly inputs: readonly string[];
  /** Read as well, all of it before the first record of an input: not in the figures. */
  readonly tables?: readonly string[];
  readonly engines: readonly EngineName[];
  readonly expected: (size: DataSize) => ExpectedResult;
}

const both: readonly EngineName[] = ['kafka-streams', 'millrace'];

const events = { data: 'events', inputs: ['events'], engines: both } as const;
const nexmark = { data: 'nexmark', engines: both } as const;

export const throughputPrograms: readonly ThroughputProgram[] = [
  { ...events, name: 'bare', options: { program: 'bare' }, expected: expectedMap },
  {
    ...events,
    name: 'bare-10000',
    options: { program: 'bare', transactionRecords: 10_000 },
    expected: expectedMap,
  },
  { ...events, name: 'map', options: { program: 'map' }, expected: expectedMap },
  {
    ...events,
    name: 'count',
    options: { program: 'count' },
    engines: [...both, 'goka', 'quix-streams'],
    expected: expectedCount,
  },
  {
    ...events,
    name: 'count-no-cache',
    options: { program: 'count', cache: 'off' },
    expected: expectedCount,
  },
  {
    ...events,
    name: 'windowed',
    options: { program: 'windowed' },
    expected: expectedWindowedCount,
  },
  {
    ...events,
    name: 'join',
    options: { program: 'join' },
    tables: ['customers'],
    expected: expectedJoin,
  },
  {
    ...events,
    name: 'repartition',
    options: { program: 'repartition' },
    expected: expectedRepartition,
  },
  {
    ...events,
    name: 'bare-repartition',
    options: { program: 'bare-repartition' },
    engines: ['millrace'],
    expected: expectedRepartition,
  },
  {
    ...nexmark,
    name: 'nexmark-q1',
    options: { program: 'nexmark-q1' },
    inputs: ['bids'],
    expected: expectedCurrencyConversion,
  },
  {
    ...nexmark,
    name: 'nexmark-q3',
    options: { program: 'nexmark-q3' },
    inputs: ['persons', 'auctions'],
    expected: expectedLocalItems,
  },
  {
    ...nexmark,
    name: 'nexmark-q5',
    options: { program: 'nexmark-q5' },
    inputs: ['bids'],
    expected: expectedHotItems,
  },
  {
    ...nexmark,
    name: 'nexmark-q8',
    options: { program: 'nexmark-q8' },
    inputs: ['persons', 'auctions'],
    expected: expectedNewSellers,
  },
  {
    ...nexmark,
    name: 'nexmark-q11',
    options: { program: 'nexmark-q11' },
    inputs: ['bids'],
    expected: expectedUserSessions,
  },
];

/** What is not throughput has a way of its own to be measured. */
const otherPrograms = ['latency', 'bare-latency', 'restore', 'crash'] as const;

export const programNames: readonly string[] = [
  ...throughputPrograms.map(({ name }) => name),
  ...otherPrograms,
];
