/** What bench/threads.ts runs, as the modules that stream threads import. */
import { createHash } from 'node:crypto';
import { longSerde, StreamsBuilder, stringSerde, topic } from '#streams';

const settings = { key: stringSerde, value: stringSerde, partitions: 4 };

export const events = topic('events', settings);
export const results = topic('results', settings);
export const counts = topic('counts', { ...settings, value: longSerde });

/** Nothing but a record in and a record out: what the way costs. */
export function pass() {
  const builder = new StreamsBuilder();
  builder.stream(events).to(results);
  return builder.build();
}

export function count() {
  const builder = new StreamsBuilder();
  const table = builder.stream(events).groupByKey('by-key').count('count-by-key');
  table
    .toStream()
    .mapValues((count) => count ?? 0)
    .to(counts);
  return builder.build();
}

/** Some 30 microseconds of work a record, as a rule with a few lookups takes. */
export function work() {
  const builder = new StreamsBuilder();
  builder
    .stream(events)
    .mapValues((value) => {
      let digest = value;
      for (let i = 0; i < 10; i++) digest = createHash('sha1').update(digest).digest('hex');
      return digest;
    })
    .to(results);
  return builder.build();
}
