/**
 * Tasks with state move between members on a real Kafka, under constant input: whoever has a task goes
 * on with it until its successor has a copy, whatever happens to either of them meanwhile.
 */
import { CountingGroup } from './counting-group.ts';
import type { MemberProcess } from './member-process.ts';

const bootstrapServers = process.env['MILLRACE_TEST_KAFKA'] ?? '';
const keys = 4_000;

let group: CountingGroup;
afterEach(() => group.close());

const tasksOf = (...members: readonly MemberProcess[]) =>
  members.flatMap(({ report }) => report.tasks).sort();
const isWarming = ({ report }: MemberProcess) => report.standbys.length > 0;
const partitionOf = (taskId: string | undefined) => Number(taskId?.split('_')[1]);

/** One member has both tasks; another one with an empty disk comes, and copies nothing yet. */
async function untilWarming() {
  group = await CountingGroup.open(bootstrapServers, 2);
  const keeper = group.member('keeper');
  await group.until(() => tasksOf(keeper).length === 2);
  await group.fill(keys);
  group.startFeeding();
  const successor = group.member('successor', { holdsCopies: true });
  await group.until(() => isWarming(successor));
  const moving = successor.report.standbys[0]?.taskId as string;
  return { keeper, successor, moving };
}

test('a task goes on where it is while its successor copies the state, and then moves', async () => {
  const { keeper, successor, moving } = await untilWarming();
  await group.untilOutputs(100, [partitionOf(moving)]);
  expect(tasksOf(keeper)).toHaveLength(2);
  expect(tasksOf(successor)).toEqual([]);
  expect(successor.report.state).toBe('running');
  successor.letGo();
  await group.until(() => tasksOf(successor).join() === moving && tasksOf(keeper).length === 1);
  // All but the last moment was copied before.
  expect(successor.report.restoredRecords).toBeLessThan(keys / 4);
  await group.untilOutputs(100, [0, 1]);
  await group.stopFeeding();
  await group.untilCounted();
});

test.each(['kill', 'stop'] as const)('a keeper may end while it keeps a task: %s', async (how) => {
  const { keeper, successor, moving } = await untilWarming();
  await group.untilOutputs(20, [partitionOf(moving)]);
  await keeper[how]();
  successor.letGo();
  await group.until(() => tasksOf(successor).length === 2);
  await group.untilOutputs(100, [0, 1]);
  await group.stopFeeding();
  await group.untilCounted();
});

test.each(['kill', 'stop'] as const)('a successor may end before it is ready: %s', async (how) => {
  const { keeper, successor, moving } = await untilWarming();
  await successor[how]();
  await group.untilOutputs(100, [partitionOf(moving)]);
  expect(tasksOf(keeper)).toHaveLength(2);
  // The next one finds everything as the first did.
  const next = group.member('next');
  await group.until(() => tasksOf(next).length === 1 && tasksOf(keeper).length === 1);
  await group.untilOutputs(100, [0, 1]);
  await group.stopFeeding();
  await group.untilCounted();
});
