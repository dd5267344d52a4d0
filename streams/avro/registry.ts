/**
 * What the library asks of a schema registry: ids for schemas, schemas for ids, and a refusal when
 * a new schema cannot read what an old one wrote. Subjects follow Confluent's TopicNameStrategy:
 * `<topic>-key`, `<topic>-value`.
 */

/** An Avro schema in its JSON form. */
export type AvroJson = string | readonly AvroJson[] | { readonly [property: string]: unknown };

export interface SchemaRegistry {
  /**
   * The id of `schema` under `subject`; registers it when it is new there.
   *
   * @throws StreamsError `STREAMS_SCHEMA_INCOMPATIBLE` when it cannot read the subject's latest
   *   version (BACKWARD compatibility).
   */
  register(subject: string, schema: AvroJson): Promise<number>;

  /** The schema with this id if it is known here already, else `undefined`: then `load` it. */
  schema(id: number): AvroJson | undefined;

  /** @throws StreamsError `STREAMS_SCHEMA_UNKNOWN` when no schema has this id. */
  load(id: number): Promise<AvroJson>;
}
