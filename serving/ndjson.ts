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

/** A comment: whoever reads the events does not see it. */
export const heartbeat = ': still here\n\n';

/**
 * `chunks`, and a `heartbeat` whenever none came for `everyMs`: so that what stands between does
 * not take a quiet connection for dead.
 */
export async function* withHeartbeats(
  chunks: AsyncGenerator<string, void, undefined>,
  everyMs: number,
): AsyncGenerator<string, void, undefined> {
  let timer: NodeJS.Timeout | undefined;
  try {
    for (let next = chunks.next(); ; ) {
      const quiet = new Promise<undefined>((resolve) => {
        timer = setTimeout(resolve, everyMs, undefined);
      });
      const arrived = await Promise.race([next, quiet]);
      clearTimeout(timer);
      if (arrived?.done) return;
      if (arrived) next = chunks.next();
      yield arrived ? arrived.value : heartbeat;
    }
  } finally {
    clearTimeout(timer);
    await chunks.return();
  }
}

/** A stream of what `chunks` yields; it is asked for more only when there is room. */
export function textStream(chunks: AsyncIterable<string>): Readable {
  return Readable.from(chunks, { objectMode: true, highWaterMark: 16 });
}
