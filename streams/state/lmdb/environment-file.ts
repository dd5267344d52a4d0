/**
 * Looks at the file of an LMDB environment before LMDB does: a page that lies behind the end of the
 * file would end the process (SIGBUS), not throw.
 *
 * A file may rightly be shorter than its last page number says, when the last pages are free. Only
 * then all pages in use are looked at.
 *
 * @see mdb.c of lmdb: MDB_page_header, MDB_meta, MDB_node
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

const headerBytes = 24;
const magic = 0xbeefc0de;
/** What lies where is known of this version. Of others LMDB itself decides. */
const knownVersion = 2;

const metaFlag = 0x08;
const branchFlag = 0x01;
const leafFlag = 0x02;
const nodeHeaderBytes = 8;
/** The value of the node is on pages of its own. */
const bigDataFlag = 0x01;
/** No page: the tree is empty. */
const noPage = 0xffff_ffff_ffff_ffffn;

interface Meta {
  readonly pageSize: number;
  /** Of the free pages and of the entries. */
  readonly roots: readonly bigint[];
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

/** What is wrong with the file; `undefined` when it may be opened, or is not there. */
export function faultOfEnvironment(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const descriptor = openSync(path, 'r');
  try {
    return faultOf(descriptor, fstatSync(descriptor).size);
  } finally {
    closeSync(descriptor);
  }
}

function faultOf(descriptor: number, size: number): string | undefined {
  if (size === 0) return undefined; // Made, and not yet written.
  const first = read(descriptor, 0, 256);
  if (first.length < 256 || !isMeta(first)) return 'it is not an LMDB environment';
  if (versionOf(first) !== knownVersion) return undefined;
  const { pageSize } = metaOf(first);
  const second = read(descriptor, pageSize, 256);
  if (second.length < 256 || !isMeta(second)) return `it is cut off after ${size} bytes`;
  const [one, other] = [metaOf(first), metaOf(second)];
  const meta = one.transaction > other.transaction ? one : other;
  const pages = BigInt(Math.floor(size / pageSize));
  if (pages > meta.lastPage) return undefined;
  const read1 = (page: bigint) => read(descriptor, Number(page) * pageSize, pageSize);
  const isWhole = meta.roots.every((root) => isWithin(root, pages, read1));
  return isWhole ? undefined : `it is cut off after ${size} bytes`;
}

/** Whether every page of a tree is before the end of the file. */
function isWithin(root: bigint, pages: bigint, read: (page: bigint) => Buffer): boolean {
  const waiting = root === noPage ? [] : [root];
  for (let page = waiting.pop(); page !== undefined; page = waiting.pop()) {
    if (page >= pages) return false;
    const bytes = read(page);
    if (bytes.readBigUInt64LE(0) !== page) return false;
    const flags = bytes.readUInt16LE(18);
    const nodes = nodesOf(bytes);
    if ((flags & branchFlag) !== 0) waiting.push(...nodes.map((at) => childOf(bytes, at)));
    else if ((flags & leafFlag) === 0) return false;
    else if (nodes.some((at) => endOfBigData(bytes, at) > pages)) return false;
  }
  return true;
}

function nodesOf(page: Buffer): number[] {
  const count = (page.readUInt16LE(20) - headerBytes) / 2;
  return Array.from({ length: count }, (_, i) => page.readUInt16LE(headerBytes + 2 * i));
}

function childOf(page: Buffer, node: number): bigint {
  return BigInt(page.readUInt32LE(node)) | (BigInt(page.readUInt16LE(node + 4)) << 32n);
}

/** The page after the value's last; 0 when the value is in the node. */
function endOfBigData(page: Buffer, node: number): bigint {
  if ((page.readUInt16LE(node + 4) & bigDataFlag) === 0) return 0n;
  const data = node + nodeHeaderBytes + page.readUInt16LE(node + 6);
  return page.readBigUInt64LE(data) + page.readBigUInt64LE(data + 16);
}

function isMeta(page: Buffer): boolean {
  return (page.readUInt16LE(18) & metaFlag) !== 0 && page.readUInt32LE(headerBytes) === magic;
}

function versionOf(page: Buffer): number {
  return page.readUInt32LE(headerBytes + 4) & 0xffff;
}

function metaOf(page: Buffer): Meta {
  return {
    pageSize: page.readUInt32LE(48),
    roots: [page.readBigUInt64LE(88), page.readBigUInt64LE(136)],
    lastPage: page.readBigUInt64LE(144),
    transaction: page.readBigUInt64LE(152),
  };
}

function read(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
}
