/**
 * How long is a task silent while it moves? `npm run bench:kafka-moves -- --records 600000`
 *
 * A store of 500-byte values over four tasks, in one process, under 200 records a second; a process with
 * an empty disk comes and gets two of the tasks. Once with warm-up, once without; then one of the two is
 * killed while the other stands by. Silence is the longest time between two outputs of one task.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Log } from '#streams';
import { openKafkaLog } from '#streams/kafka';
import { startKafka } from '../test/servers/kafka/start-kafka.ts';
import { Cluster } from './kafka/cluster.ts';
import { bigValues } from './kafka/data/big-values.ts';
import { type EngineEvent, EngineProcess } from './kafka/engine-process.ts';
import { commandOf } from './kafka/engines.ts';

const tasks = 4;
const tickEveryMs = 20;
const settleMs = 5_000;
const sessionMs = 6_000;

const { values } = parseArgs({ options: { records: { type: 'string', default: '600000' } } });
const records = Number(values.records);
const folder = mkdtempSync(join(tmpdir(), 'bench-kafka-moves-'));
const prefix = 'moves-';
const [input, output] = [`${prefix}big`, `${prefix}output`];

/** One record for each task every 20 ms, and the longest time that a task was not heard of. */
class Ticks {
  readonly #log: Log;
  readonly #heardMs = Array.from({ length: tasks }, () => performance.now());
  #longestMs = 0;
  #stopped = false;
  #running: Promise<unknown> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  start(): void {
    this.#running = Promise.all([this.#send(), this.#hear()]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** The longest silence since it was asked last, one that goes on included. */
  takeLongestMs(): number {
    const longestMs = Math.max(
      this.#longestMs,
      ...this.#heardMs.map((at) => performance.now() - at),
    );
    this.#longestMs = 0;
    return Math.round(longestMs);
  }

  async #send(): Promise<void> {
    while (!this.#stopped) {
      await this.#log.append(
        this.#heardMs.map((_, partition) => ({
          ...{ topic: input, partition, key: Buffer.from(`tick-${partition}`) },
          ...{ value: Buffer.alloc(8), timestampMs: Date.now(), headers: [] },
        })),
      );
      await sleep(tickEveryMs);
    }
  }

  async #hear(): Promise<void> {
    const { offsets } = await this.#log.describeTopic(output);
    const reader = this.#log.openReader();
    reader.assign(offsets.map(({ end }, partition) => ({ topic: output, partition, offset: end })));
    while (!this.#stopped) {
      const batches = await reader.poll({ maxWaitMs: 100 });
      for (const { key } of batches.flatMap((batch) => batch.records)) {
        const task = Number(
          Buffer.from(key ?? [])
            .toString()
            .slice('tick-'.length),
        );
        const nowMs = performance.now();
        this.#longestMs = Math.max(this.#longestMs, nowMs - (this.#heardMs[task] ?? nowMs));
        this.#heardMs[task] = nowMs;
      }
    }
    await reader.close();
  }
}

const has = (count: number) => (event: EngineEvent) =>
  event.event === 'tasks' && event['tasks'] === count;

const kafka = await startKafka({ heapMegabytes: 768, optimizes: true });
const log = await openKafkaLog({ bootstrapServers: kafka.bootstrapServers });
const cluster = await Cluster.connect(kafka.bootstrapServers);
const processes: EngineProcess[] = [];
try {
  await cluster.createTopic(input);
  await cluster.createTopic(output);
  await cluster.load(prefix, bigValues(records, Date.now()));
  console.log(`${records} records in the store\n`);
  console.log(
    '| what happens | moved after s | longest silence ms | in quiet ms | restored | copied before |',
  );
  console.log('|---|---|---|---|---|---|');
  for (const warmUp of ['on', 'off'] as const) await measureJoin(warmUp);
  await measureKill();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await Promise.all(processes.map((one) => one.kill()));
  await cluster.close();
  await log.close();
  await kafka.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Processes of one group; the same disk has the state of the one before. */
function start(disk: string, settings: Readonly<Record<string, string | number>>): EngineProcess {
  const one = new EngineProcess(commandOf('millrace'), {
    ...{ program: 'big', bootstrap: kafka.bootstrapServers, application: `${prefix}app` },
    ...{ prefix, output, sessionMs, state: join(folder, disk), ...settings },
  });
  processes.push(one);
  return one;
}

async function withTicks(measure: (ticks: Ticks) => Promise<void>): Promise<void> {
  const ticks = new Ticks(log);
  ticks.start();
  try {
    await sleep(settleMs);
    ticks.takeLongestMs();
    await sleep(settleMs);
    await measure(ticks);
  } finally {
    await ticks.stop();
  }
}

async function measureJoin(warmUp: 'on' | 'off'): Promise<void> {
  const owner = start('owner', { warmUp });
  await untilCaughtUp(owner);
  await withTicks(async (ticks) => {
    const quietMs = ticks.takeLongestMs();
    const newcomer = start('newcomer', { warmUp });
    const moved = await newcomer.event(has(tasks / 2));
    await sleep(settleMs);
    const tookMs = moved.atMs - newcomer.startedMs;
    const copied = await copiedBefore(newcomer);
    tell(`an empty disk comes, warm-up ${warmUp}`, tookMs, ticks, quietMs, moved, copied);
    await newcomer.terminate();
  });
  await owner.terminate();
  rmSync(join(folder, 'newcomer'), { recursive: true, force: true });
}

async function measureKill(): Promise<void> {
  const [one, other] = ['owner', 'newcomer'].map((disk) => start(disk, { standbys: 1 })) as [
    EngineProcess,
    EngineProcess,
  ];
  const isCopied = (event: EngineEvent) =>
    has(tasks / 2)(event) && event['standbys'] === tasks / 2 && Number(event['behind']) === 0;
  const before = await Promise.all([one, other].map((each) => each.event(isCopied)));
  await withTicks(async (ticks) => {
    const quietMs = ticks.takeLongestMs();
    const killedMs = Date.now();
    await other.kill();
    const isAfter = (event: EngineEvent) => has(tasks)(event) && event.atMs > killedMs;
    const moved = await one.event(isAfter);
    await sleep(settleMs);
    const restoredRecords =
      Number(moved['restoredRecords']) - Number(before[0]?.['restoredRecords']);
    const tookMs = moved.atMs - killedMs;
    tell('kill -9, with a standby', tookMs, ticks, quietMs, { ...moved, restoredRecords }, '');
  });
  await one.terminate();
}

async function untilCaughtUp(owner: EngineProcess): Promise<void> {
  const ends = await cluster.endOffsets([input]);
  const caughtUp = cluster.untilCommitted(`${prefix}app`, ends, 8); // Markers of appends stand last.
  await Promise.race([Promise.all([caughtUp, owner.event(has(tasks))]), owner.untilFailure()]);
}

/** Records of the last copies that were told of before the tasks came. */
async function copiedBefore(newcomer: EngineProcess): Promise<number> {
  let most = 0;
  const moved = has(tasks / 2);
  await newcomer.event((event) => {
    if (event.event === 'tasks') most = Math.max(most, Number(event['copied']));
    return moved(event);
  });
  return most;
}

function tell(
  what: string,
  tookMs: number,
  ticks: Ticks,
  quietMs: number,
  { restoredRecords }: EngineEvent,
  copied: number | '',
): void {
  const figures = [
    (tookMs / 1_000).toFixed(1),
    ticks.takeLongestMs(),
    quietMs,
    restoredRecords,
    copied,
  ];
  console.log(`| ${what} | ${figures.join(' | ')} |`);
}
