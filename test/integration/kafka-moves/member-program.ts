/** A member of the counting group, as a process of its own: runs until it is asked to stop or is killed. */
import { memoryRegistry, StreamsApplication } from '#streams';
import { openKafkaLog } from '#streams/kafka';
import { openLocalState } from '#streams/local-state';
import { countingOptions, countingTopology, sessionTimeoutMs } from './counting.ts';
import { heldLocalState } from './held-local-state.ts';
import type { MemberOptions, MemberReport, ToMember } from './member-messages.ts';

const reportEveryMs = 100;

const options = JSON.parse(process.argv[2] ?? '') as MemberOptions;
const { names, bootstrapServers, stateDirectory, instanceId, holdsCopies = false } = options;

let letGo = () => {};
const released = new Promise<void>((resolve) => {
  letGo = resolve;
});
if (!holdsCopies) letGo();
process.on('message', ({ type }: ToMember) => {
  if (type === 'let go') letGo();
});
process.once('disconnect', () => process.exit(1)); // Whoever started it has gone.

const localState = await openLocalState({ directory: stateDirectory });
const log = await openKafkaLog({
  bootstrapServers,
  sessionTimeoutMs,
  onTrouble: (trouble) => print('trouble', trouble),
  ...(instanceId === undefined ? {} : { instanceId }),
});
const application = new StreamsApplication({
  ...countingOptions(names),
  ...options.streams,
  topology: countingTopology(names),
  log,
  registry: memoryRegistry(),
  localState: heldLocalState(localState, { released }),
  onStateChange: (state, cause) => print(state, cause ?? ''),
});

process.once('SIGTERM', () => void stop());
setInterval(report, reportEveryMs).unref();
await application.start();

async function stop(): Promise<void> {
  letGo(); // What is being written is waited for.
  await application.close();
  await log.close();
  await localState.close();
  process.exit(0);
}

function report(): void {
  const { tasks, standbys, restoredRecords } = application.metrics();
  const told: MemberReport = {
    state: application.state,
    tasks: tasks.map(({ taskId }) => taskId).sort(),
    restoredRecords,
    standbys: standbys.map(({ taskId, records, lag }) => ({ taskId, records, lag: Number(lag) })),
  };
  if (process.connected) process.send?.(told);
}

function print(what: string, more: unknown): void {
  console.log(`${new Date().toISOString().slice(11, 23)} ${process.pid} ${what} ${String(more)}`);
}
