/** The beginning of a record's way through a task: bytes become a key and a value, once. */
import { StreamsError } from '../errors.ts';
import type { ConsumedRecord } from '../log/log.ts';
import type { StreamRecord } from '../record.ts';
import type { Deserializer } from '../serde.ts';
import { type SourceNode, type TopologyNode, topicName } from '../topology/topology.ts';
import type { BoundSerdes } from './bound-serdes.ts';

type Receive = (record: StreamRecord<unknown, unknown>) => void;

/** Reads a record and hands it to every source node of its topic. */
export type Source = (record: ConsumedRecord) => void;

export function sourceOf(
  topic: string,
  nodes: readonly TopologyNode[],
  entry: ReadonlyMap<string, Receive>,
  options: { readonly applicationId: string; readonly serdes: BoundSerdes },
): Source {
  const readers = nodes
    .filter((node): node is SourceNode => node.kind === 'source')
    .filter((node) => topicName(node.topic, options.applicationId) === topic)
    .map((node) => reader(node, topic, entry.get(node.name) as Receive, options.serdes));
  const [only, second] = readers;
  if (only !== undefined && second === undefined) return only;
  return (record) => {
    for (const read of readers) read(record);
  };
}

function reader(node: SourceNode, topic: string, receive: Receive, serdes: BoundSerdes): Source {
  const keys = serdes.of(node.key, topic, 'key');
  const values = serdes.of(node.value, topic, 'value');
  return ({ key, value, timestampMs, headers }) => {
    if (timestampMs < 0) throw withoutTime(topic);
    receive({
      key: decoded(keys, key, 'key', topic),
      value: decoded(values, value, 'value', topic),
      timestampMs,
      headers: headers.length === 0 ? undefined : headers,
    });
  };
}

/** No bytes are no value: `undefined`, whatever the type says. A tombstone is such a record. */
function decoded(
  deserializer: Deserializer<unknown>,
  bytes: Uint8Array | null,
  part: 'key' | 'value',
  topic: string,
): unknown {
  if (bytes === null) return undefined;
  try {
    return deserializer.deserialize(bytes);
  } catch (cause) {
    if (cause instanceof StreamsError) throw cause;
    const message = `cannot read the ${part} of a record of '${topic}': ${String(cause)}`;
    throw new StreamsError('STREAMS_RECORD_UNDECODABLE', message, { cause });
  }
}

/** Without a time a record belongs to no window and before every join. */
function withoutTime(topic: string): StreamsError {
  const message = `a record of '${topic}' has no timestamp; its producer must set one`;
  return new StreamsError('STREAMS_RECORD_UNDECODABLE', message);
}
