/**
 * One instance of the application, as a process of its own: runs until it is asked to stop or is
 * killed. Started by instance-process.ts, which reads what it says of itself and keeps what it prints.
 */
import { once } from 'node:events';
import { inspect } from 'node:util';
import { memoryRegistry, StreamsApplication, StreamsError } from '#streams';
import { openKafkaLog } from '#streams/kafka';
import { openLocalState } from '#streams/local-state';
import { countingTopology, countsStore } from '../../counting/counting.ts';
import type { FromInstance, InstanceOptions, ToInstance } from './instance-messages.ts';
import { takeOutRebalanceCallback } from './unheeding-client.ts';
import { counting, sessionTimeoutMs, streamsOptions } from './variant.ts';

const pauseBeforeNextTryMs = 1_000;
const reportEveryMs = 5_000;
const leftoversWithinMs = 2_000;

const options = JSON.parse(process.argv[2] ?? '') as InstanceOptions;
if (options.withoutRebalanceCallback) takeOutRebalanceCallback();

let application: StreamsApplication | undefined;
const stopping = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()));
let isStopping = false;
let wasRunning = false;
void stopping.then(() => {
  isStopping = true;
});

// Whoever started it has gone, or has been told why this is the end.
const gone = () => process.exit(1);
process.once('disconnect', gone);
process.on('message', ({ type }: ToInstance) => {
  if (type === 'count') void count().then(tell);
});
setInterval(report, reportEveryMs).unref();

// As whatever supervises a process would: what may pass by itself is tried again.
while (!isStopping) {
  try {
    await run();
  } catch (error) {
    print('failed', error);
    const mayPass = error instanceof StreamsError && error.retryable;
    if (wasRunning || !mayPass) {
      tell({ type: 'failed', cause: inspect(error) });
      process.disconnect();
    }
    await new Promise((resolve) => setTimeout(resolve, pauseBeforeNextTryMs));
  }
}
print('ended', '');
process.removeListener('disconnect', gone);
tell({ type: 'ended' });
process.disconnect();
// A call that Kafka's client has forgotten keeps the process, and `process.exit` would wait for it.
setTimeout(() => process.kill(process.pid, 'SIGKILL'), leftoversWithinMs).unref();

/** Resolves when it was asked to stop and the application has closed. */
async function run(): Promise<void> {
  const { name, bootstrapServers, stateDirectory, variant } = options;
  const localState = await openLocalState({
    directory: stateDirectory,
    onDamaged: (damaged) => print('damaged state', damaged),
  });
  try {
    const log = await openKafkaLog({
      bootstrapServers,
      clientId: name,
      sessionTimeoutMs,
      onTrouble: (trouble) => print('trouble', String(trouble)),
      ...(variant.isStatic ? { instanceId: name } : {}),
    });
    const failed = new AbortController();
    application = new StreamsApplication({
      ...streamsOptions(variant),
      topology: countingTopology(counting),
      log,
      registry: memoryRegistry(),
      localState,
      onStateChange: (state, cause) => {
        print(state, cause ?? '');
        wasRunning ||= state === 'running';
        tell({ type: 'state', state });
        if (state === 'error') failed.abort();
      },
      onRecordsLost: (lost) => print('records lost', lost),
    });
    try {
      await application.start();
      await Promise.race([stopping, once(failed.signal, 'abort')]);
      if (failed.signal.aborted) throw application.cause;
    } finally {
      await application.close();
      await log.close();
    }
  } finally {
    await localState.close();
  }
}

async function count(): Promise<FromInstance> {
  try {
    if (application === undefined) throw new Error('not started');
    const counts: [string, number][] = [];
    for await (const { key, value } of application.store(countsStore).all()) {
      counts.push([key, value]);
    }
    return { type: 'counts', counts };
  } catch (error) {
    print('cannot count', error);
    return { type: 'uncounted' };
  }
}

function report(): void {
  if (application === undefined) return;
  const { tasks, commits, restoring } = application.metrics();
  const work = tasks.map(({ taskId, processed, lag, buffered }) => {
    return `${taskId}: ${processed} done, ${lag} behind, ${buffered} here`;
  });
  print(application.state, { work, commits, restoring });
}

function tell(message: FromInstance): void {
  if (process.connected) process.send?.(message);
}

function print(what: string, more: unknown): void {
  const text = typeof more === 'string' ? more : inspect(more, { depth: 6, breakLength: 200 });
  console.log(`${new Date().toISOString().slice(11, 23)} ${process.pid} ${what} ${text}`);
}
