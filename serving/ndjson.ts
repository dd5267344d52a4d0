/** JSON, one value a line, as a stream that goes no faster than its reader. */
import { Readable } from 'node:stream';

/** Values that JSON cannot say, in words that it can. */
function speakable(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}

export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value, speakable)}\n`;
}

/** One event of a Server-Sent Events stream. */
export function serverSentEvent(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data, speakable)}\n\n`;
}

/** A stream of what `chunks` yields; it is asked for more only when there is room. */
export function textStream(chunks: AsyncIterable<string>): Readable {
  return Readable.from(chunks, { objectMode: true, highWaterMark: 16 });
}
