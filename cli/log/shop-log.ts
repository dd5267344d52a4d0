/** A log with what belongs to it, whatever the profile. */
import type { LocalStateStorage, Log, SchemaRegistry } from '#streams';

export interface ShopLog {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  /** Where the state of topologies is kept; absent: the log keeps it. */
  readonly localState?: LocalStateStorage;
  close(): Promise<void>;
}
