/** Removes records that nobody needs any more, beside everything else: nobody waits for it. */
import type { LogCommit } from '../log.ts';
import { nameOf } from '../partition-name.ts';
import type { NativeAdmins } from './native-admins.ts';
import { answer } from './native-client.ts';

type Purge = NonNullable<LogCommit['purge']>[number];

const callTimeoutMs = 10_000;

export class RecordPurge {
  readonly #admins: NativeAdmins;
  readonly #due = new Map<string, Purge>();
  #purging: Promise<void> | undefined;

  constructor(admins: NativeAdmins) {
    this.#admins = admins;
  }

  /** What cannot be purged now is purged with the next. */
  add(purges: readonly Purge[]): void {
    for (const purge of purges) this.#due.set(nameOf(purge), purge);
    this.#purging ??= this.#purge().finally(() => {
      this.#purging = undefined;
    });
  }

  async #purge(): Promise<void> {
    while (this.#due.size > 0) {
      const offsets = [...this.#due.values()].map(({ topic, partition, beforeOffset }) => {
        return { topic, partition, offset: Number(beforeOffset) };
      });
      this.#due.clear();
      await this.#admins
        .use((admin) =>
          answer((callback) => admin.deleteRecords(offsets, { timeout: callTimeoutMs }, callback)),
        )
        .catch(() => undefined);
    }
  }

  /** Resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#due.clear();
    await this.#purging;
  }
}
