import { PartitionGroup } from './partition-group.ts';

test('a clock that is set back ends the wait for another input instead of making it longer', () => {
  const group = new PartitionGroup(
    ['a', 'b'].map((topic) => ({ topic, partition: 0 })),
    100,
  );
  for (const queue of group.queues) queue.begin(0n, 0n);
  const record = { key: null, value: null, timestampMs: 1, headers: [], offset: 0n };
  const [first] = group.queues;
  first?.add({ topic: 'a', partition: 0, records: [record], nextOffset: 1n, endOffset: 1n });
  expect(group.next(() => 3_600_000)).toBeUndefined();
  expect(group.next(() => 3_600_099)).toBeUndefined();
  expect(group.next(() => 0)).toBe(first);
});
