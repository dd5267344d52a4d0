/** Values as Cassandra keeps them: JSON in a column of text, by a key of text. */

/**
 * Of a key that was deleted. A delete is a write like others, so the newer one wins whatever happens to
 * Cassandra's own tombstones, and after the time for which it keeps them.
 */
export const deleted = '';

/** Cassandra takes 65,535 bytes for all columns of a partition's key together. */
const longestKeyBytes = 65_000;
/** Half of what a node takes in one write when nobody has configured it otherwise. */
const longestValueBytes = 8 * 1024 * 1024;

export function documentOf(value: unknown): string {
  return value === null ? deleted : JSON.stringify(value);
}

export function parsed<V>(document: unknown): V | undefined {
  if (typeof document !== 'string' || document === deleted) return undefined;
  return JSON.parse(document) as V;
}

/** Whether there can be rows of it. */
export function isKey(text: string): boolean {
  return (
    text !== '' &&
    (text.length * 3 <= longestKeyBytes || Buffer.byteLength(text) <= longestKeyBytes)
  );
}

/** Why a value cannot be kept under this key; `undefined` when it can. */
export function refusalOf(key: string, value: unknown): string | undefined {
  if (!isKey(key)) return `a key has 1 to ${longestKeyBytes} bytes in UTF-8`;
  const bytes = Buffer.byteLength(documentOf(value));
  return bytes <= longestValueBytes
    ? undefined
    : `it has ${bytes} bytes, and ${longestValueBytes} are the most`;
}
