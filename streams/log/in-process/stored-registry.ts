/** The schema registry of an in-process log: each version a row, kept with the records it describes. */

import type { RegisteredSchema } from '../../avro/registered-subjects.ts';
import { RegisteredSubjects, schemaNotRegistered } from '../../avro/registered-subjects.ts';
import type { AvroJson, SchemaRegistry } from '../../avro/registry.ts';
import { idKey } from './keys.ts';
import type { OrderedStorage } from './ordered-storage.ts';
import type { WriteTransaction } from './write-transaction.ts';

type Submit = (prepare: (transaction: WriteTransaction) => void) => Promise<void>;

export class StoredRegistry implements SchemaRegistry {
  readonly #storage: OrderedStorage;
  readonly #submit: Submit;
  readonly #subjects = new RegisteredSubjects();
  #rows = 0;
  #registering: Promise<unknown> = Promise.resolve();

  constructor(storage: OrderedStorage, submit: Submit) {
    this.#storage = storage;
    this.#submit = submit;
    this.#readOn();
  }

  /** One at a time, so that the check against the latest version holds when the row is written. */
  register(subject: string, schema: AvroJson): Promise<number> {
    const registered = this.#registering.then(() => this.#register(subject, schema));
    this.#registering = registered.catch(() => undefined); // The caller has the error.
    return registered;
  }

  schema(id: number): AvroJson | undefined {
    return this.#subjects.schema(id);
  }

  async load(id: number): Promise<AvroJson> {
    if (this.#subjects.schema(id) === undefined) this.#readOn();
    const schema = this.#subjects.schema(id);
    if (schema === undefined) throw schemaNotRegistered(id);
    return schema;
  }

  async #register(subject: string, schema: AvroJson): Promise<number> {
    const { id, isNew } = this.#subjects.propose(subject, schema);
    if (!isNew) return id;
    const version: RegisteredSchema = { subject, id, schema };
    const key = idKey(this.#rows);
    const value = Buffer.from(JSON.stringify(version));
    await this.#submit((transaction) => transaction.put({ table: 'schemas', key, value }));
    this.#rows += 1;
    this.#subjects.add(version);
    return id;
  }

  /** The rows behind those it knows: in a log that is open for reading, others write them. */
  #readOn(): void {
    for (const [, row] of this.#storage.range('schemas', {
      from: idKey(this.#rows),
      to: undefined,
    })) {
      this.#subjects.add(JSON.parse(Buffer.from(row).toString()) as RegisteredSchema);
      this.#rows += 1;
    }
  }
}
