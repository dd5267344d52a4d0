/** `millrace tap`: what goes through a topic, a JSON object a line, while the shop runs or not. */
import { StreamsError } from '#streams';
import type { TapStart } from '../../serving/taps/taps.ts';
import { type Command, parseWords, UsageError } from '../command.ts';
import { readConfiguration } from '../configuration.ts';
import { openLogForReading } from '../log/open-log.ts';
import { type TapRecord, tapRecords } from '../tap/tap-records.ts';

export const tap: Command = {
  summary: 'shows the records of a topic',
  usage: `millrace tap <topic> [options]

Prints one JSON object a record: topic, partition, offset, timestamp, key, value, headers.
Ends at the end of the topic unless --follow is given. \`millrace topics\` lists the topics.

  --from <where>  earliest (default), latest, a time such as 2026-11-25T10:00:00Z, or offset:42
  --to <time>     records before this time only
  --key <key>     records of this key only
  --limit <n>     at most so many
  --follow        goes on with what is written later`,

  async run(words, { environment, out, signal }) {
    const { values, positionals } = parseWords(words, {
      from: { type: 'string' },
      to: { type: 'string' },
      key: { type: 'string' },
      limit: { type: 'string' },
      follow: { type: 'boolean' },
    });
    const [topic, ...more] = positionals;
    if (!topic || more.length > 0)
      throw new UsageError('give one topic; `millrace topics` has them');
    const { log, registry, close } = await openLogForReading(readConfiguration(environment));
    try {
      const records = tapRecords(log, registry, {
        topic,
        from: startOf(values.from ?? 'earliest'),
        beforeMs: values.to === undefined ? undefined : timeOf('--to', values.to),
        key: values.key,
        limit: values.limit === undefined ? undefined : wholeOf('--limit', values.limit),
        follow: values.follow ?? false,
        signal,
      });
      for await (const record of records) out(lineOf(record));
      return 0;
    } catch (error) {
      if (error instanceof StreamsError && error.code === 'STREAMS_TOPIC_UNKNOWN')
        throw new UsageError(error.message);
      throw error;
    } finally {
      await close();
    }
  },
};

function lineOf({ timestampMs, ...record }: TapRecord): string {
  return JSON.stringify({ timestamp: new Date(timestampMs).toISOString(), ...record });
}

function startOf(text: string): TapStart {
  if (text === 'earliest' || text === 'latest') return text;
  const offset = /^offset:(\d{1,18})$/.exec(text)?.[1];
  return offset === undefined ? { timeMs: timeOf('--from', text) } : { offset: BigInt(offset) };
}

function timeOf(option: string, text: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs))
    throw new UsageError(`${option} is '${text}': give a time such as 2026-11-25T10:00:00Z`);
  return atMs;
}

function wholeOf(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`${option} is '${text}': give a whole number from 1`);
  return value;
}
