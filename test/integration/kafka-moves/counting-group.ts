/** A group that counts: its log, its members, what is fed to it, and what has come out. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaLog } from '#streams/kafka';
import type { Log } from '../../../streams/log/log.ts';
import { CountSequence } from '../../counting/audit.ts';
import { type CountingNames, topicsOf } from './counting.ts';
import type { MemberOptions } from './member-messages.ts';
import { MemberProcess } from './member-process.ts';

const feedEveryMs = 20;
const lookEveryMs = 20;
/** Enough keys that each partition has some of them. */
const fedKeys = Array.from({ length: 24 }, (_, i) => `fed-${i}`);

export class CountingGroup {
  readonly log: Log;
  readonly #names: CountingNames;
  readonly #bootstrapServers: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'kafka-moves-'));
  readonly #members: MemberProcess[] = [];
  readonly #sequence = new CountSequence(false);
  readonly #outputs: number[];
  readonly #stop = new AbortController();
  #fed = 0;
  #feeding: Promise<void> | undefined;
  #isFeeding = false;
  #following: Promise<void> = Promise.resolve();

  private constructor(log: Log, names: CountingNames, bootstrapServers: string) {
    this.log = log;
    this.#names = names;
    this.#bootstrapServers = bootstrapServers;
    this.#outputs = Array.from({ length: names.partitions }, () => 0);
  }

  static async open(bootstrapServers: string, partitions: number): Promise<CountingGroup> {
    const applicationId = `moves-${Math.random().toString(36).slice(2)}`;
    const log = await openKafkaLog({ bootstrapServers });
    const names = { applicationId, partitions };
    await log.createTopics(Object.values(topicsOf(names)));
    const group = new CountingGroup(log, names, bootstrapServers);
    group.#following = group.#follow();
    return group;
  }

  /** No other group has it. */
  get name(): string {
    return this.#names.applicationId;
  }

  /** One with the same `disk` as another before it has that one's state. */
  member(disk: string, options: Partial<MemberOptions> = {}): MemberProcess {
    const member = new MemberProcess({
      names: this.#names,
      bootstrapServers: this.#bootstrapServers,
      stateDirectory: join(this.#folder, disk),
      ...options,
    });
    this.#members.push(member);
    return member;
  }

  /** Gives the state so many keys, over all partitions. Resolves when they are counted. */
  async fill(keys: number): Promise<void> {
    const size = 2_000;
    for (let from = 0; from < keys; from += size) {
      const length = Math.min(size, keys - from);
      await this.#append(Array.from({ length }, (_, i) => `key-${from + i}`));
    }
    await this.untilCounted();
  }

  startFeeding(): void {
    this.#isFeeding = true;
    this.#feeding = this.#feed();
  }

  async stopFeeding(): Promise<void> {
    this.#isFeeding = false;
    await this.#feeding;
  }

  /** Outputs of one partition so far: those of one task. */
  outputsOf(partition: number): number {
    return this.#outputs[partition] ?? 0;
  }

  /** Resolves when each partition has had so many outputs more. */
  async untilOutputs(more: number, partitions: readonly number[]): Promise<void> {
    const before = partitions.map((partition) => this.outputsOf(partition));
    await this.until(() =>
      partitions.every((partition, i) => this.outputsOf(partition) >= (before[i] ?? 0) + more),
    );
  }

  /** Resolves when all that was fed has been counted: once each, in order. */
  async untilCounted(): Promise<void> {
    await this.until(() => this.#sequence.total >= this.#fed);
    expect(this.#sequence.faults).toEqual([]);
    expect(this.#sequence.total).toBe(this.#fed);
  }

  /** Fails when a member ends that was not asked to, or when a count is out of order. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      expect(this.#sequence.faults).toEqual([]);
      const ended = this.#members.find(
        ({ hasEnded, report }) => hasEnded && report.state !== 'ended',
      );
      if (ended !== undefined) throw new Error(`a member has ended; see ${this.#folder}`);
      await sleep(lookEveryMs);
    }
  }

  async close(): Promise<void> {
    await this.stopFeeding();
    this.#stop.abort();
    await this.#following;
    await Promise.all(this.#members.map((member) => member.kill()));
    await this.log.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #feed(): Promise<void> {
    while (this.#isFeeding) {
      await this.#append(fedKeys);
      await sleep(feedEveryMs);
    }
  }

  async #append(keys: readonly string[]): Promise<void> {
    const topic = topicsOf(this.#names).inputs.name;
    const value = Buffer.from('one');
    await this.log.append(
      keys.map((key) => ({
        topic,
        key: Buffer.from(key),
        value,
        timestampMs: Date.now(),
        headers: [],
      })),
    );
    this.#fed += keys.length;
  }

  async #follow(): Promise<void> {
    const topic = topicsOf(this.#names).counted.name;
    const reader = this.log.openReader();
    reader.assign(this.#outputs.map((_, partition) => ({ topic, partition, offset: 0n })));
    while (!this.#stop.signal.aborted) {
      for (const batch of await reader.poll({ maxWaitMs: 100 })) {
        for (const record of batch.records) this.#sequence.add(batch, record);
        this.#outputs[batch.partition] = this.outputsOf(batch.partition) + batch.records.length;
      }
    }
    await reader.close();
  }
}
