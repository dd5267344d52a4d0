/** The schema registry of the main thread, seen from a stream thread, which keeps what it has seen. */
import type { AvroJson, SchemaRegistry } from '../avro/registry.ts';
import type { PortCalls } from '../log/remote/port-calls.ts';
import type { MainMethods } from './thread-calls.ts';

export function remoteRegistry(main: PortCalls<MainMethods>): SchemaRegistry {
  const known = new Map<number, AvroJson>();
  return {
    async register(subject, schema) {
      const id = await main.call('register', { subject, schema });
      known.set(id, schema);
      return id;
    },

    schema: (id) => known.get(id),

    async load(id) {
      const schema = known.get(id) ?? (await main.call('load', id));
      known.set(id, schema);
      return schema;
    },
  };
}
