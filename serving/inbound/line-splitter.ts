/** Splits bytes into lines of text, one after the other, without ever holding more than one. */

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** Why the line cannot be read; `text` is then its beginning. */
  readonly fault?: string;
}

/** A record of a feed is some hundred bytes; this is a line that will never end. */
export const maxLineBytes = 1024 * 1024;
/** How much of an unreadable line is kept to show. */
const shownBytes = 2_000;
const newline = 0x0a;
const carriageReturn = 0x0d;

/** Lines end with `\n` or `\r\n`; the last one may end with the input. Blank lines are included. */
export async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 1;
  let parts: Buffer[] = [];
  let length = 0;

  const keep = (bytes: Buffer): void => {
    // What exceeds the limit is only counted: the line is refused whatever it holds.
    if (length <= maxLineBytes) parts.push(bytes);
    length += bytes.length;
  };
  const take = (): Line => {
    const line = lineOf(number, Buffer.concat(parts), length);
    parts = [];
    length = 0;
    number += 1;
    return line;
  };

  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      keep(bytes.subarray(start, end));
      yield take();
      start = end + 1;
    }
    if (start < bytes.length) keep(bytes.subarray(start));
  }
  if (length > 0) yield take();
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const byteOrderMark = '\ufeff';

function lineOf(number: number, bytes: Buffer, length: number): Line {
  if (length > maxLineBytes) {
    const fault = `the line has more than ${maxLineBytes} bytes: send one record a line`;
    return { number, text: bytes.subarray(0, shownBytes).toString(), fault };
  }
  const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
  try {
    const text = strict.decode(bytes.subarray(0, end));
    const marked = number === 1 && text.startsWith(byteOrderMark);
    return { number, text: marked ? text.slice(1) : text };
  } catch {
    const text = bytes.subarray(0, shownBytes).toString();
    return { number, text, fault: 'the line is not UTF-8: encode the feed as UTF-8' };
  }
}
