/** Looks now and then at the topics that members use: once for all of them. */
import type { NativeTopicDescription } from './native-client.ts';
import type { TopicsInUse } from './topics-in-use.ts';

export class TopicWatch {
  readonly #describe: (names: readonly string[]) => Promise<readonly NativeTopicDescription[]>;
  readonly #lookEveryMs: number;
  readonly #all = new Set<Pick<TopicsInUse, 'names' | 'look'>>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(
    describe: (names: readonly string[]) => Promise<readonly NativeTopicDescription[]>,
    lookEveryMs = 3_000,
  ) {
    this.#describe = describe;
    this.#lookEveryMs = lookEveryMs;
  }

  add(inUse: Pick<TopicsInUse, 'names' | 'look'>): void {
    this.#all.add(inUse);
    this.#timer ??= setInterval(() => void this.#look(), this.#lookEveryMs).unref();
  }

  remove(inUse: Pick<TopicsInUse, 'names' | 'look'>): void {
    this.#all.delete(inUse);
    if (this.#all.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const names = new Set([...this.#all].flatMap((inUse) => inUse.names));
      const described = await this.#describe([...names]);
      for (const inUse of this.#all) inUse.look(described);
    } catch {
      // Brokers that cannot be asked are told of by those who wait for them.
    } finally {
      this.#isLooking = false;
    }
  }
}
