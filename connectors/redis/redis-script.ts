/** A Lua script that Redis runs as one step: nothing comes between its commands, and all of it is kept or none. */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { isReply } from './redis-connection.ts';

export type ScriptArgument = string | number | Buffer;

export class RedisScript {
  readonly #source: string;
  readonly #digest: string;

  constructor(source: string) {
    this.#source = source;
    this.#digest = createHash('sha1').update(source).digest('hex');
  }

  /**
   * Runs it by its digest, and sends it again when the server does not know it: a server that was
   * emptied or started anew has no scripts.
   */
  async run(
    client: Redis,
    keys: readonly string[],
    args: readonly ScriptArgument[],
  ): Promise<unknown> {
    try {
      return await client.evalsha(this.#digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isReply(error) || !(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return client.eval(this.#source, keys.length, ...keys, ...args);
    }
  }
}
