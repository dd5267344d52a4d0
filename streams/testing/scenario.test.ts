import { longSerde, stringSerde } from '../serdes.ts';
import { keyValueStore } from '../state/store.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { input, scenario, tombstone } from './scenario.ts';

const words = topic('words', { key: stringSerde, value: stringSerde });
const lengths = topic('lengths', { key: stringSerde, value: longSerde });
const totals = keyValueStore('totals', { key: stringSerde, value: longSerde });

function totalling() {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .processValues('add-up', {
      stores: { totals },
      process: ({ key, value }, stores) => {
        if (value === 'boom') throw new Error('cannot count a boom');
        const total = (stores.totals.get(key) ?? 0) + value.length;
        stores.totals.put(key, total);
        return [total];
      },
    })
    .to(lengths);
  return builder.build();
}

test('tells what a topology emits after what was given', () => {
  scenario(totalling())
    .given(input(words, 'a', 'four'))
    .when(input(words, 'a', 'seven'), input(words, 'b', 'x'))
    .thenEmits(lengths, [9, 1])
    .when(input(words, 'a', 'y'))
    .thenEmitsRecords(lengths, [['a', 10]]);
});

test('fails when the output differs, and names the topic', () => {
  const told = scenario(totalling()).when(input(words, 'a', 'four'));
  expect(() => told.thenEmits(lengths, [5])).toThrow(/written to 'lengths'/);
});

test('fails where a record becomes a dead letter, and says why', () => {
  expect(() => scenario(totalling()).when(input(words, 'a', 'boom'))).toThrow(
    /became a dead letter: code: STREAMS_RECORD_FAILED, message: cannot count a boom/,
  );
});

test('a tombstone goes in and comes out', () => {
  const builder = new StreamsBuilder();
  builder
    .table(words, 'latest')
    .toStream()
    .to(words2 as never);
  scenario(builder.build())
    .given(input(words, 'a', 'x'))
    .when(tombstone(words, 'a'))
    .thenEmitsRecords(words2, [['a', undefined]]);
});

const words2 = topic('words-2', { key: stringSerde, value: stringSerde });
