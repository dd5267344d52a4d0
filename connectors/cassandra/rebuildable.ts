/** Builds a view anew beside the live one: in tables of a generation of its own. */
import type { AppliedSignal } from '../applied-signal.ts';
import type { OneWriter, Rebuildable } from '../views/rebuild.ts';
import type { ViewWriter } from '../views/view.ts';
import type { CassandraClient } from './cassandra-client.ts';
import { withSchemaLease } from './schema-lease.ts';
import type { ViewRegister } from './view-register.ts';
import {
  areWhole,
  createTables,
  dropOldTables,
  dropTables,
  type ViewTables,
} from './view-tables.ts';

export interface RebuildableOptions<K, V> {
  readonly client: CassandraClient;
  readonly register: ViewRegister;
  readonly tables: ViewTables;
  readonly signal: AppliedSignal;
  /** A writer of one generation. */
  readonly writerOf: (generation: number) => ViewWriter<K, V>;
}

export function rebuildable<K, V>(options: RebuildableOptions<K, V>): Rebuildable<OneWriter<K, V>> {
  const { client, register, tables, signal, writerOf } = options;
  const dropOld = () =>
    withSchemaLease(client, (lease) => dropOldTables(lease, client, register, tables));

  const isLost = async () => {
    const { live } = await register.state();
    if (await areWhole(client, tables, live)) return false;
    // Dropped, maybe, because another has become live.
    return (await register.state()).live === live;
  };

  return {
    isLost,
    async beginCopy() {
      const generation = await withSchemaLease(client, async (lease) => {
        if (await isLost()) {
          await dropTables(lease, client, tables, (await register.state()).live);
        }
        // First: from now on no copy that was begun before can become live.
        const begun = await register.beginCopy();
        await dropOldTables(lease, client, register, tables);
        await createTables(lease, client, tables, begun);
        return begun;
      });
      return {
        writers: { writer: writerOf(generation) },
        async switchOver() {
          if (!(await register.makeLive(generation))) {
            const reason = 'it was given up, or a later one has taken its place';
            throw new Error(`the copy of view '${register.name}' cannot become live: ${reason}`);
          }
          signal.notify();
          await dropOld();
        },
        async abandon() {
          await register.abandonCopy(generation);
          await dropOld();
        },
      };
    },
  };
}
