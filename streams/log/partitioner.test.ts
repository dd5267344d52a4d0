import { murmur2, partitionFor } from './partitioner.ts';

// The vectors of Kafka's own UtilsTest#testMurmur2.
test.each`
  key                                                   | hash
  ${'21'}                                               | ${-973932308}
  ${'foobar'}                                           | ${-790332482}
  ${'a-little-bit-long-string'}                         | ${-985981536}
  ${'a-little-bit-longer-string'}                       | ${-1486304829}
  ${'lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8'} | ${-58897971}
  ${'abc'}                                              | ${479470107}
`("the murmur2 of '$key' is Kafka's", ({ key, hash }) => {
  expect(murmur2(Buffer.from(key))).toBe(hash);
});

test('a partition is the hash without its sign, modulo the partitions', () => {
  expect(partitionFor(Buffer.from('21'), 10)).toBe((-973932308 & 0x7fffffff) % 10);
  expect(partitionFor(Buffer.from('abc'), 4)).toBe(479470107 % 4);
});

test('an empty key has a partition', () => {
  expect(partitionFor(new Uint8Array(0), 7)).toBeGreaterThanOrEqual(0);
});
