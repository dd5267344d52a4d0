/**
 * Binds the serdes of a topology to the topics where they are used. That may ask a schema registry
 * and so is asynchronous; it happens once, before the first task is made.
 */
import type { SchemaRegistry } from '../avro/registry.ts';
import type { Deserializer, Serde, Serializer } from '../serde.ts';
import { changelogName, type Topology, topicName } from '../topology/topology.ts';

type Part = 'key' | 'value';
type AnySerde = Deserializer<unknown> | Serializer<never>;

/** Answers with the serde as it is used in one part of one topic. */
export interface BoundSerdes {
  of<S extends AnySerde>(serde: S, topic: string, part: Part): S;
}

/**
 * Every serde without a registry: for tests, which read what they wrote themselves. Keys are as they
 * would be in a log, so that their order, their prefixes and their partitions are the real ones.
 */
export const unboundSerdes: BoundSerdes = {
  of: <S extends AnySerde>(serde: S, _topic: string, part: Part) => {
    const { asKey } = serde as Partial<Serde<unknown>>;
    return part === 'key' && asKey !== undefined ? (asKey as AnySerde as S) : serde;
  },
};

interface Use {
  readonly serde: AnySerde;
  readonly topic: string;
  readonly part: Part;
}

/** Binds every serde of the topology. Each is bound once for each topic and part. */
export async function bindSerdes(
  topology: Topology,
  applicationId: string,
  registry: SchemaRegistry,
): Promise<BoundSerdes> {
  const bound = new Map<string, Map<AnySerde, AnySerde>>();
  for (const { serde, topic, part } of serdeUses(topology, applicationId)) {
    const place = `${part} ${topic}`;
    const serdes = bound.get(place) ?? new Map<AnySerde, AnySerde>();
    bound.set(place, serdes);
    const { forTopic } = serde as Partial<Serde<unknown>>;
    if (forTopic === undefined || serdes.has(serde)) continue;
    serdes.set(serde, await forTopic({ topic, part, registry }));
  }
  return {
    of: <S extends AnySerde>(serde: S, topic: string, part: Part) =>
      (bound.get(`${part} ${topic}`)?.get(serde) ?? serde) as S,
  };
}

function* serdeUses(topology: Topology, applicationId: string): Iterable<Use> {
  for (const node of topology.nodes) {
    if (node.kind === 'processor') continue;
    const topic = topicName(node.topic, applicationId);
    yield { serde: node.key, topic, part: 'key' };
    yield { serde: node.value, topic, part: 'value' };
  }
  for (const store of topology.stores) {
    const topic = changelogName(store.name, applicationId);
    yield { serde: store.key, topic, part: 'key' };
    yield { serde: store.value, topic, part: 'value' };
  }
  for (const table of topology.globalTables) {
    const topic = topicName(table.topic, applicationId);
    yield { serde: table.key, topic, part: 'key' };
    yield { serde: table.value, topic, part: 'value' };
  }
}
