/**
 * Counts clicks by page in windows of ten seconds of event time; a late click still counts in its
 * own window, one that comes after the grace is dropped.
 *
 *   node --import tsx examples/click-rate.ts
 */
import { StreamsBuilder, stringSerde as text, topic, tumblingWindows } from '#streams';
import { TopologyTestDriver } from '#streams/testing';

const clicks = topic('clicks', { key: text, value: text });
const rates = topic('click-rates', { key: text, value: text });

const builder = new StreamsBuilder();
builder
  .stream(clicks)
  .groupByKey('by-page')
  .windowedBy(tumblingWindows({ sizeMs: 10_000, graceMs: 5_000 }))
  .count('clicks-by-page')
  .toStream()
  .map(({ key: { key: page, window }, value: count }) => ({
    key: page,
    value: `${window.startMs / 1_000}s: ${count}`,
  }))
  .to(rates);

const driver = new TopologyTestDriver(builder.build());
for (const timestampMs of [1_000, 4_000, 12_000, 9_000, 16_000, 8_000])
  driver.input(clicks).pipe('/tea', 'a visitor', { timestampMs });

for (const { key, value } of driver.output(rates).records()) console.log(key, value);
