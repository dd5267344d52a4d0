/** One record of the log as one row of the lake. */
import {
  BIGINT,
  BLOB,
  DuckDBBlobValue,
  DuckDBDataChunk,
  DuckDBTimestampMillisecondsValue,
  INTEGER,
  TIMESTAMP_MS,
  VARCHAR,
} from '@duckdb/node-api';
import type { ConsumedRecord, Serde } from '#streams';

/** The columns of every file, in order: the same for all topics, so that a schema may grow. */
export const lakeColumns = `
  "partition" INTEGER,
  "offset" BIGINT,
  "timestamp" TIMESTAMP_MS,
  "key" VARCHAR,
  "value" VARCHAR,
  "headers" VARCHAR,
  "undecodable" BLOB`;

export interface LakeRow {
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: string | null;
  /** The value as JSON; `null` for a tombstone. */
  readonly value: string | null;
  readonly headers: string | null;
  /** The value's bytes when its schema could not read them: nothing is lost. */
  readonly undecodable: Uint8Array | null;
}

/** `undefined` serdes: a topic that nobody declares, for instance dead letters; kept as bytes. */
export function lakeRow(
  record: ConsumedRecord,
  serdes: { readonly key: Serde<unknown>; readonly value: Serde<unknown> } | undefined,
): LakeRow {
  const { offset, timestampMs } = record;
  const base = { offset, timestampMs, headers: headersAsJson(record) };
  try {
    const key =
      record.key && serdes ? asText(serdes.key.deserialize(record.key)) : utf8(record.key);
    if (record.value === null) return { ...base, key, value: null, undecodable: null };
    if (!serdes) return { ...base, key, value: null, undecodable: record.value };
    const value = asJson(serdes.value.deserialize(record.value));
    return { ...base, key, value, undecodable: null };
  } catch {
    // Not the lake's to judge: the bytes are kept, and whoever decodes them will say what is wrong.
    return { ...base, key: utf8(record.key), value: null, undecodable: record.value };
  }
}

const types = [INTEGER, BIGINT, TIMESTAMP_MS, VARCHAR, VARCHAR, VARCHAR, BLOB];

/** At most 2,048 rows, DuckDB's vector size. */
export function lakeChunk(rows: readonly LakeRow[], partition: number): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(types, rows.length);
  chunk.setColumns([
    rows.map(() => partition),
    rows.map((row) => row.offset),
    rows.map((row) => new DuckDBTimestampMillisecondsValue(BigInt(row.timestampMs))),
    rows.map((row) => row.key),
    rows.map((row) => row.value),
    rows.map((row) => row.headers),
    rows.map((row) => (row.undecodable === null ? null : new DuckDBBlobValue(row.undecodable))),
  ]);
  return chunk;
}

function headersAsJson({ headers }: ConsumedRecord): string | null {
  if (headers.length === 0) return null;
  return JSON.stringify(headers.map(({ key, value }) => [key, utf8(value)]));
}

const utf8 = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());

const asText = (key: unknown) => (typeof key === 'string' ? key : asJson(key));

function asJson(value: unknown): string {
  return JSON.stringify(value, (_, held: unknown) => {
    if (held instanceof Uint8Array) return Buffer.from(held).toString('base64');
    return typeof held === 'bigint' ? held.toString() : held;
  });
}
