/** A schema registry that lives as long as its process: for tests and the test driver. */
import { RegisteredSubjects, schemaNotRegistered } from './registered-subjects.ts';
import type { SchemaRegistry } from './registry.ts';

/**
 * Empty. Ids count from 1; an incompatible version is refused with `STREAMS_SCHEMA_INCOMPATIBLE`.
 */
export function memoryRegistry(): SchemaRegistry {
  const registered = new RegisteredSubjects();
  return {
    async register(subject, schema) {
      const { id, isNew } = registered.propose(subject, schema);
      if (isNew) registered.add({ subject, id, schema });
      return id;
    },

    schema: (id) => registered.schema(id),

    async load(id) {
      const schema = registered.schema(id);
      if (schema === undefined) throw schemaNotRegistered(id);
      return schema;
    },
  };
}
