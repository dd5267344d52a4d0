/** A log whose readers hold back what a test says: restores that take their time. For tests. */
import type { Log, LogReader, TopicPartition } from '../log/log.ts';

export interface HeldReaders {
  readonly log: Log;
  /** Partitions that readers have asked for and do not get yet. */
  readonly held: readonly TopicPartition[];
  /** From now on they get everything. */
  release(): void;
}

/** `holds` says which partitions are held back; `first` how many records of each come before. */
export function heldReaders(
  log: Log,
  holds: (partition: TopicPartition) => boolean,
  first = 0,
): HeldReaders {
  const held: { readonly reader: LogReader; readonly at: TopicPartition & { offset: bigint } }[] =
    [];
  let released = false;
  const openReader = (): LogReader => {
    const reader = log.openReader();
    return {
      assign(partitions) {
        const isHeld = (one: TopicPartition) => !released && holds(one);
        for (const at of partitions.filter(isHeld)) held.push({ reader, at });
        const before = partitions.filter((one) => !isHeld(one) || first > 0);
        reader.assign(before);
      },
      unassign(partitions) {
        for (const one of partitions) take(held, ({ at }) => isSame(at, one));
        reader.unassign(partitions);
      },
      async poll(options) {
        if (released || first === 0) return reader.poll(options);
        const batches = await reader.poll({ ...options, maxRecords: first });
        for (const batch of batches) {
          for (const one of take(held, ({ at }) => isSame(at, batch))) {
            held.push({ ...one, at: { ...one.at, offset: batch.nextOffset } });
            reader.unassign([batch]);
          }
        }
        return batches;
      },
      close: () => reader.close(),
    };
  };
  const proxy = new Proxy(log, {
    get(target, property) {
      if (property === 'openReader') return openReader;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return {
    log: proxy,
    get held() {
      return held.map(({ at }) => at);
    },
    release() {
      released = true;
      for (const { reader, at } of held.splice(0)) reader.assign([at]);
    },
  };
}

function take<T>(from: T[], wanted: (one: T) => boolean): T[] {
  const taken = from.filter(wanted);
  for (const one of taken) from.splice(from.indexOf(one), 1);
  return taken;
}

function isSame(a: TopicPartition, b: TopicPartition): boolean {
  return a.topic === b.topic && a.partition === b.partition;
}
