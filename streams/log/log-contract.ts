/**
 * What every log must do, as tests that each driver runs. Nothing here assumes that an effect is
 * there at once: it polls until it has what it waits for, and fails by Jest's timeout when that
 * never comes.
 */
import { commitTests, seekAndPurgeTests } from './contract/commits-contract.ts';
import type { LogLimits, LogUnderTest, OpenWith } from './contract/contract-fixture.ts';
import { fencingTests, peersTests, sharingTests } from './contract/groups-contract.ts';
import { readingTests, waitingTests } from './contract/reading-contract.ts';
import { partitioningTests, recordTests } from './contract/records-contract.ts';
import { topicTests } from './contract/topics-contract.ts';
import type { Log } from './log.ts';

const parts: readonly [string, (openWith: OpenWith, limits: LogLimits) => void][] = [
  ['records', recordTests],
  ['partitioning', partitioningTests],
  ['reading', readingTests],
  ['waiting', waitingTests],
  ['topics', topicTests],
  ['commits', commitTests],
  ['seek and purge', seekAndPurgeTests],
  ['sharing', sharingTests],
  ['peers', peersTests],
  ['fencing', fencingTests],
];

export function logContract(name: string, { open, limits = {} }: LogUnderTest): void {
  let log: Log;
  const openWith: OpenWith = async (topics, options = {}) => {
    log = await open(options);
    await log.createTopics(topics);
    return log;
  };
  afterEach(() => log.close());

  for (const [part, tests] of parts) describe(`${name}: ${part}`, () => tests(openWith, limits));
}
