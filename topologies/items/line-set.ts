/** A set of line numbers as bits, in pages that are small enough to be written for each line. */

const linesAPage = 512;

export function pageOf(line: number): number {
  return Math.floor(line / linesAPage);
}

export function hasLine(page: Uint8Array | undefined, line: number): boolean {
  return ((page?.[byteOf(line)] ?? 0) & bitOf(line)) !== 0;
}

/** A new page with the line in it. */
export function withLine(page: Uint8Array | undefined, line: number): Uint8Array {
  const next = new Uint8Array(linesAPage / 8);
  if (page) next.set(page);
  next[byteOf(line)] = (next[byteOf(line)] ?? 0) | bitOf(line);
  return next;
}

function byteOf(line: number): number {
  return Math.floor((line % linesAPage) / 8);
}

function bitOf(line: number): number {
  return 1 << (line % 8);
}
