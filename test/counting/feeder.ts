/** Appends numbered inputs for as long as it may, and knows which of them were acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../cli/demo/random.ts';
import type { Log } from '../../streams/log/log.ts';
import type { Counting } from './counting.ts';

const largestBatch = 24;
const pauseMs = [5, 60] as const;

export class Feeder {
  readonly #log: Log;
  readonly #topic: string;
  readonly #random: Random;
  readonly #acknowledged = new Set<string>();
  #next = 0;
  #refused = 0;
  #feeding: Promise<void> = Promise.resolve();
  #isFeeding = false;

  constructor(log: Log, { inputs }: Counting, random: Random) {
    this.#log = log;
    this.#topic = inputs.name;
    this.#random = random;
  }

  /** Numbers of the inputs that are there for certain. One that is not may be there or not. */
  get acknowledged(): ReadonlySet<string> {
    return this.#acknowledged;
  }

  /** Inputs that may be there or not. */
  get refused(): number {
    return this.#refused;
  }

  start(): void {
    this.#isFeeding = true;
    this.#feeding = this.#feed();
  }

  async stop(): Promise<void> {
    this.#isFeeding = false;
    await this.#feeding;
  }

  async #feed(): Promise<void> {
    while (this.#isFeeding) {
      // One by itself is written in another way than several.
      const size = this.#random.chance(0.3) ? 1 : this.#random.between(2, largestBatch);
      const numbers = Array.from({ length: size }, () => String(this.#next++));
      try {
        await this.#log.append(numbers.map((number) => this.#input(number)));
        for (const number of numbers) this.#acknowledged.add(number);
      } catch {
        // Not tried again: whether it was written is what nobody knows.
        this.#refused += size;
      }
      await sleep(this.#random.between(...pauseMs));
    }
  }

  #input(number: string) {
    return {
      topic: this.#topic,
      key: Buffer.from(`source-${this.#random.between(0, 99)}`),
      value: Buffer.from(number),
      timestampMs: Date.now(),
      headers: [],
    };
  }
}
