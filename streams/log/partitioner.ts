/**
 * Which partition a key belongs to, as Kafka's Java client decides it: murmur2 of the key's bytes.
 * A topic can so be shared with JVM applications.
 *
 * @see org.apache.kafka.common.utils.Utils#murmur2
 */

const seed = 0x9747b28c;
const mixer = 0x5bd1e995;

/** Austin Appleby's MurmurHash2, 32 bits, with Kafka's seed. The result is signed. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  let hash = seed ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    word = Math.imul(word, mixer);
    word ^= word >>> 24;
    hash = Math.imul(hash, mixer) ^ Math.imul(word, mixer);
  }
  const rest = length - at;
  if (rest === 3) hash ^= (bytes[at + 2] as number) << 16;
  if (rest >= 2) hash ^= (bytes[at + 1] as number) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[at] as number), mixer);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, mixer);
  return hash ^ (hash >>> 15);
}

/** The partition of a key, 0 to `partitions` - 1. The sign bit is cut off, as Kafka does it. */
export function partitionFor(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}
