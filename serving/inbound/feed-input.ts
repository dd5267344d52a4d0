/** The bytes of a feed: decompressed, counted, and with an end to patience. */
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FeedFault } from './feed-fault.ts';

/** A supplier whose line goes dead must not hold a connection for ever. */
const idleMs = 60_000;

export interface FeedInput {
  /** Pulls from the socket only as fast as it is read. @throws FeedFault */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Read so far, decompressed. */
  readonly bytes: number;
}

export function feedInput(body: Readable, isCompressed: boolean): FeedInput {
  let bytes = 0;
  const source = isCompressed ? pipeline(body, createGunzip(), () => {}) : body;

  async function* read(): AsyncGenerator<Uint8Array> {
    let timer: NodeJS.Timeout | undefined;
    const arm = (): void => {
      clearTimeout(timer);
      timer = setTimeout(
        () => body.destroy(new FeedFault(`nothing came for ${idleMs} ms`)),
        idleMs,
      );
    };
    try {
      arm();
      for await (const chunk of source) {
        clearTimeout(timer);
        bytes += (chunk as Uint8Array).length;
        yield chunk as Uint8Array;
        arm();
      }
    } catch (error) {
      if (error instanceof FeedFault) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new FeedFault(`the feed broke off: ${why}`);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    chunks: read(),
    get bytes() {
      return bytes;
    },
  };
}
