/**
 * The lake's files, and why each record is in it once:
 *
 *   <lake>/<topic>/<partition>/<first offset>-<next offset>.parquet
 *
 * A file holds every record of its range. It is written under another name, synced and renamed, so
 * it is there whole or not at all; the position of a partition is the end of its last file and is
 * kept nowhere else. Merging writes a file for the whole range before the parts go away; a file
 * whose range lies inside another's is a leftover of a crash, is not read, and is removed.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';

export interface LakeFile {
  readonly path: string;
  readonly firstOffset: bigint;
  /** The offset after the last one in the file's range. */
  readonly nextOffset: bigint;
  readonly sizeBytes: number;
}

const fileName = /^(\d{20})-(\d{20})\.parquet$/;

export class ParquetFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  topics(): string[] {
    return readdirSync(this.#directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  }

  /** The files to read, over all partitions of a topic. Empty when there is nothing yet. */
  ofTopic(topic: string): LakeFile[] {
    const directory = join(this.#directory, topic);
    if (!existsSync(directory)) return [];
    return readdirSync(directory)
      .map(Number)
      .sort((a, b) => a - b)
      .flatMap((partition) => this.ofPartition(topic, partition));
  }

  /** The files to read, in the order of their offsets; their ranges do not overlap. */
  ofPartition(topic: string, partition: number): LakeFile[] {
    return withoutCovered(this.#listed(topic, partition));
  }

  position(topic: string, partition: number): bigint {
    return this.ofPartition(topic, partition).at(-1)?.nextOffset ?? 0n;
  }

  /** Where to write a file before `publish` gives it its name. */
  temporary(topic: string, partition: number): string {
    const directory = this.#partitionDirectory(topic, partition);
    mkdirSync(directory, { recursive: true });
    return join(directory, 'writing.tmp');
  }

  publish(topic: string, partition: number, firstOffset: bigint, nextOffset: bigint): void {
    const temporary = this.temporary(topic, partition);
    const directory = this.#partitionDirectory(topic, partition);
    sync(temporary);
    renameSync(temporary, join(directory, `${padded(firstOffset)}-${padded(nextOffset)}.parquet`));
    sync(directory);
  }

  /** Removes what a crash or a merge left behind. */
  removeLeftovers(topic: string, partition: number): void {
    const directory = this.#partitionDirectory(topic, partition);
    if (!existsSync(directory)) return;
    rmSync(join(directory, 'writing.tmp'), { force: true });
    const files = this.#listed(topic, partition);
    const live = new Set(withoutCovered(files).map((file) => file.path));
    for (const { path } of files) if (!live.has(path)) rmSync(path, { force: true });
  }

  #partitionDirectory(topic: string, partition: number): string {
    return join(this.#directory, topic, String(partition));
  }

  #listed(topic: string, partition: number): LakeFile[] {
    const directory = this.#partitionDirectory(topic, partition);
    if (!existsSync(directory)) return [];
    return readdirSync(directory).flatMap((name) => {
      const range = fileName.exec(name);
      if (!range) return [];
      const path = join(directory, name);
      const [firstOffset, nextOffset] = [BigInt(range[1] ?? 0), BigInt(range[2] ?? 0)];
      return [{ path, firstOffset, nextOffset, sizeBytes: statSync(path).size }];
    });
  }
}

/** Drops every file whose range lies inside another's; what is left is in offset order. */
function withoutCovered(files: readonly LakeFile[]): LakeFile[] {
  const wideFirst = [...files].sort(
    (a, b) => compare(a.firstOffset, b.firstOffset) || compare(b.nextOffset, a.nextOffset),
  );
  const kept: LakeFile[] = [];
  for (const file of wideFirst) {
    if (file.nextOffset > (kept.at(-1)?.nextOffset ?? -1n)) kept.push(file);
  }
  return kept;
}

const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);

/** Twenty digits hold every 64-bit offset, so that names sort as offsets do. */
const padded = (offset: bigint) => offset.toString().padStart(20, '0');

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
