/** Moves the bytes of many messages together, so that their memory is given back soon. */
import type { NativeMessage } from './native-client.ts';

/**
 * The same messages with their bytes in one block of memory. The client makes two buffers of each,
 * with memory of their own that is only given back when they are collected; so they are young when
 * they die, however long the records wait for their commit.
 */
export function inOneBlock(messages: readonly NativeMessage[]): NativeMessage[] {
  let size = 0;
  for (const { key, value } of messages) size += (key?.length ?? 0) + (value?.length ?? 0);
  const block = Buffer.allocUnsafeSlow(size);
  let at = 0;
  const moved = (bytes: Buffer | null) => {
    if (bytes === null || bytes.length === 0) return bytes;
    block.set(bytes, at);
    at += bytes.length;
    return block.subarray(at - bytes.length, at);
  };
  return messages.map((message) => ({
    topic: message.topic,
    partition: message.partition,
    offset: message.offset,
    key: moved(message.key),
    value: moved(message.value),
    timestamp: message.timestamp,
    ...(message.headers && { headers: message.headers }),
  }));
}
