/** A fingerprint of what a program wrote: how much, and a sum that knows no order. */
import { crc32 } from 'node:zlib';
import type { Cluster } from './cluster.ts';
import type { ExpectedResult } from './expected/result.ts';

const sumBelow = 2 ** 48;

class ResultDigest {
  #records = 0;
  #sum = 0;

  add(key: Uint8Array, value: Uint8Array): void {
    this.#records += 1;
    this.#sum = (this.#sum + crc32(value, crc32(key))) % sumBelow;
  }

  toString(): string {
    return `${this.#records} records, sum ${this.#sum.toString(16)}`;
  }
}

/** Whether the topic holds what it must; else what it holds, and what it should. */
export async function checkResult(
  cluster: Cluster,
  topic: string,
  { compared, records }: ExpectedResult,
): Promise<string> {
  const expected = new ResultDigest();
  for (const { key, value } of records) expected.add(Buffer.from(key), value);
  const digest = compared === 'every-record' ? digestOfAll : digestOfNewest;
  const found = String(await digest(cluster, topic));
  return found === String(expected) ? 'right' : `WRONG: ${found}, expected ${expected}`;
}

async function digestOfAll(cluster: Cluster, topic: string): Promise<ResultDigest> {
  const digest = new ResultDigest();
  await cluster.readAll(topic, ({ key, value }) => {
    if (key !== null && value !== null) digest.add(key, value);
  });
  return digest;
}

async function digestOfNewest(cluster: Cluster, topic: string): Promise<ResultDigest> {
  const newest = new Map<string, Buffer | null>();
  await cluster.readAll(topic, ({ key, value }) => newest.set(String(key), value));
  const digest = new ResultDigest();
  for (const [key, value] of newest) {
    if (value !== null) digest.add(Buffer.from(key), asLong(value));
  }
  return digest;
}

/** Quix Streams writes a count in 4 bytes. */
function asLong(value: Buffer): Buffer {
  return value.length === 4 ? Buffer.concat([Buffer.alloc(4), value]) : value;
}
