/** What a topic may be called, and how two descriptions of one topic differ. The same for every log. */
import { StreamsError } from '../errors.ts';
import type { TopicSpec } from './log.ts';

const longestName = 249;
const legalName = /^[a-zA-Z0-9._-]+$/;
const mostPartitions = 100_000;

/** @see org.apache.kafka.common.internals.Topic#validate */
function nameFault(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return `'${name}' is not a topic name`;
  if (name.length > longestName) return `'${name}' is longer than ${longestName} characters`;
  if (!legalName.test(name)) return `'${name}' may only have letters, digits, '.', '_' and '-'`;
  return undefined;
}

function faultsOf(topic: TopicSpec): string[] {
  const { name, partitions, retentionMs } = topic;
  const faults: string[] = [];
  const badName = nameFault(name);
  if (badName !== undefined) faults.push(badName);
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > mostPartitions) {
    faults.push(`'${name}' wants ${partitions} partitions: give 1 to ${mostPartitions}`);
  }
  if (!Number.isInteger(retentionMs) || retentionMs < -1) {
    faults.push(`'${name}' wants retentionMs ${retentionMs}: give -1 (for ever) or more`);
  }
  return faults;
}

/** @throws StreamsError `STREAMS_TOPIC_INVALID` with every fault. */
export function checkTopicSpecs(topics: readonly TopicSpec[]): void {
  const faults = topics.flatMap(faultsOf);
  if (faults.length > 0) {
    throw new StreamsError('STREAMS_TOPIC_INVALID', `cannot create topics: ${faults.join('; ')}`);
  }
}

function differences(existing: TopicSpec, wanted: TopicSpec): string[] {
  const found: string[] = [];
  for (const setting of ['partitions', 'cleanupPolicy', 'retentionMs'] as const) {
    if (existing[setting] !== wanted[setting]) {
      found.push(`${setting} is ${existing[setting]}, wanted ${wanted[setting]}`);
    }
  }
  return found;
}

/** @throws StreamsError `STREAMS_TOPIC_MISMATCH` naming each topic and setting that differs. */
export function checkTopicsMatch(
  wanted: readonly TopicSpec[],
  existing: (name: string) => TopicSpec | undefined,
): void {
  const faults: string[] = [];
  for (const topic of wanted) {
    const held = existing(topic.name);
    const found = held === undefined ? [] : differences(held, topic);
    if (found.length > 0) faults.push(`'${topic.name}': ${found.join(', ')}`);
  }
  if (faults.length > 0) {
    throw new StreamsError(
      'STREAMS_TOPIC_MISMATCH',
      `topics exist with other settings: ${faults.join('; ')}. Declare them as they are, or move ` +
        'their records to a topic with another name',
    );
  }
}
