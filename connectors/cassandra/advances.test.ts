import { batchOf } from '../views/view-writer-contract.ts';
import { advancesOf } from './advances.ts';

const at = (nextOffset: bigint) => [{ topic: 'contract.state', partition: 0, nextOffset }];
const keysOf = (advances: ReturnType<typeof advancesOf<string, number>>) =>
  advances.map(({ changes }) => changes.map(({ key }) => key).join(''));

test('leaves out what the view has', () => {
  const batch = batchOf(3, [
    ['a', 1],
    ['b', 1],
    ['c', 1],
  ]);
  const [advance] = advancesOf('view', [batch], at(4n));
  expect(advance).toMatchObject({ from: 4n, nextOffset: 6n });
  expect(advance?.changes.map(({ key }) => key)).toEqual(['b', 'c']);
  expect(advancesOf('view', [batch], at(6n))).toEqual([]);
});

test('joins the batches of one partition', () => {
  const batches = [batchOf(0, [['a', 1]]), batchOf(0, [['x', 1]], 1), batchOf(1, [['b', 1]])];
  expect(keysOf(advancesOf('view', batches, []))).toEqual(['ab', 'x']);
});

test.each([
  ['the view', [batchOf(5, [['a', 1]])], at(4n)],
  ['the batch before', [batchOf(4, [['a', 1]]), batchOf(6, [['b', 1]])], at(4n)],
  ['a batch that began the partition', [batchOf(0, [['a', 1]]), batchOf(6, [['b', 1]])], []],
  ['the beginning of the log, in a view that was emptied', [batchOf(4, [['a', 1]])], []],
])('refuses a batch that begins after %s', (_what, batches, positions) => {
  expect(() => advancesOf('view', batches, positions)).toThrow(
    expect.objectContaining({ code: 'SINK_GAP' }),
  );
});

test('goes on over offsets that hold nothing', () => {
  const empty = { topic: 'contract.state', partition: 0, changes: [], fromOffset: 0n };
  const [advance] = advancesOf('view', [{ ...empty, nextOffset: 9n }], at(2n));
  expect(advance).toEqual({ ...at(2n)[0], from: 2n, nextOffset: 9n, changes: [] });
});
