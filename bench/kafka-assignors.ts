/**
 * How long are partitions silent while members come and go, by the way in which their group shares them?
 * `npm run bench:kafka-assignors`. docs/decisions/0015 draws on it.
 *
 * Twelve partitions, a record each 20 ms in every one, copied exactly once by bare loops without state: two
 * members, a third comes, is restarted, is killed. Silence is the longest time between two outputs
 * of one partition, told apart for those that changed hands and those that stayed where they were.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '#streams';
import { openKafkaLog } from '#streams/kafka';
import { startKafka } from '../test/servers/kafka/start-kafka.ts';
import { brokerProperties, type Design, designs, sessionMs } from './kafka/assignors/designs.ts';

const partitions = Array.from({ length: 12 }, (_, partition) => partition);
const tickEveryMs = 20;
const observedMs = 8_000;
const memberProgram = join(import.meta.dirname, 'kafka/assignors/member.ts');

/** Who was heard last in each partition, and the longest silences since the last look. */
class Outputs {
  readonly #log: Log;
  readonly #topic: string;
  readonly #heard = new Map<number, { atMs: number; owner: string }>();
  readonly #silenceMs = new Map<number, number>();
  #owners = new Map<number, string>();
  #ended = false;
  #following: Promise<void> | undefined;

  constructor(log: Log, topic: string) {
    this.#log = log;
    this.#topic = topic;
  }

  follow(): void {
    this.#following = this.#follow();
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#following;
  }

  get owners(): ReadonlySet<string> {
    return new Set([...this.#heard.values()].map(({ owner }) => owner));
  }

  get isWhole(): boolean {
    return this.#heard.size === partitions.length;
  }

  /** Of `what` happened since the last call, or of nothing. */
  tell(design?: string, what?: string): void {
    const silences = partitions.map((partition) => {
      const { atMs, owner } = this.#heard.get(partition) ?? { atMs: 0, owner: '' };
      const silenceMs = Math.max(this.#silenceMs.get(partition) ?? 0, performance.now() - atMs);
      return { silenceMs, moved: owner !== this.#owners.get(partition) };
    });
    this.#silenceMs.clear();
    this.#owners = new Map([...this.#heard].map(([partition, { owner }]) => [partition, owner]));
    if (design === undefined) return;
    const longest = (moved: boolean) => {
      const all = silences.filter((one) => one.moved === moved).map(({ silenceMs }) => silenceMs);
      return all.length === 0 ? '' : Math.round(Math.max(...all));
    };
    const moved = silences.filter((one) => one.moved).length;
    rows.push(`| ${design} | ${what} | ${moved} | ${longest(true)} | ${longest(false)} |`);
  }

  async #follow(): Promise<void> {
    const reader = this.#log.openReader();
    reader.assign(partitions.map((partition) => ({ topic: this.#topic, partition, offset: 0n })));
    while (!this.#ended) {
      for (const { partition, records } of await reader.poll({ maxWaitMs: 100 })) {
        const nowMs = performance.now();
        const before = this.#heard.get(partition)?.atMs ?? nowMs;
        const silenceMs = Math.max(this.#silenceMs.get(partition) ?? 0, nowMs - before);
        this.#silenceMs.set(partition, silenceMs);
        const owner = Buffer.from(records.at(-1)?.key ?? []).toString();
        this.#heard.set(partition, { atMs: nowMs, owner });
      }
    }
    await reader.close();
  }
}

const kafka = await startKafka({ optimizes: true, properties: brokerProperties });
const log = await openKafkaLog({ bootstrapServers: kafka.bootstrapServers });
const members = new Set<ChildProcess>();
const rows: string[] = [];
try {
  for (const design of designs) {
    for (const isStatic of [false, true]) await measure(design, isStatic);
  }
  console.log(
    '| design | what happens | partitions that changed hands | their longest silence ms | longest silence of the others ms |',
  );
  console.log('|---|---|---|---|---|');
  for (const row of rows) console.log(row);
} finally {
  for (const member of members) member.kill('SIGKILL');
  await log.close();
  await kafka.stop();
}

async function measure(design: Design, isStatic: boolean): Promise<void> {
  const name = `${design.name}${isStatic ? ', static' : ''}`;
  const group = name.replaceAll(/\W+/g, '-');
  const [input, output] = [`${group}-in`, `${group}-out`];
  const settings = {
    partitions: partitions.length,
    cleanupPolicy: 'delete',
    retentionMs: -1,
  } as const;
  await log.createTopics([input, output].map((topic) => ({ name: topic, ...settings })));
  const start = (member: string) =>
    startMember([group, input, output, design.name, member, isStatic ? member : '']);
  const outputs = new Outputs(log, output);
  outputs.follow();
  let isTicking = true;
  const ticking = tick(input, () => isTicking);

  const [one, two] = [start('one'), start('two')];
  while (!outputs.isWhole || outputs.owners.size < 2) await sleep(100);
  await sleep(observedMs);
  outputs.tell();
  let three = start('three');
  await sleep(observedMs);
  outputs.tell(name, 'a third member comes');
  await stop(three, 'SIGTERM');
  three = start('three');
  await sleep(observedMs);
  outputs.tell(name, 'it is restarted');
  await stop(three, 'SIGKILL');
  await sleep(sessionMs + observedMs);
  outputs.tell(name, 'it is killed');

  await Promise.all([one, two].map((member) => stop(member, 'SIGTERM')));
  isTicking = false;
  await ticking;
  await outputs.end();
  console.error(rows.slice(-3).join('\n'));
}

async function tick(topic: string, goesOn: () => boolean): Promise<void> {
  while (goesOn()) {
    const record = { topic, key: null, value: Buffer.alloc(8), headers: [] };
    await log.append(
      partitions.map((partition) => ({ ...record, partition, timestampMs: Date.now() })),
    );
    await sleep(tickEveryMs);
  }
}

function startMember(options: readonly string[]): ChildProcess {
  const args = ['--import', 'tsx', memberProgram, kafka.bootstrapServers, ...options];
  const member = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  members.add(member);
  return member;
}

async function stop(member: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  members.delete(member);
  if (member.exitCode !== null) throw new Error('a member has ended by itself');
  const ended = once(member, 'exit');
  member.kill(signal);
  await ended;
}
