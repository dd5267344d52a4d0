/**
 * The way through a repartition topic, `<application>-<name>-repartition`, after which records with
 * the same key are in the same partition again.
 */
import { dropWithoutKey } from '../operators/drop-without-key.ts';
import { passThrough } from '../operators/pass-through.ts';
import type { Serde } from '../serde.ts';
import type { StreamState } from './stream-state.ts';

export interface RepartitionStreamOptions<K, V> {
  readonly key: Serde<K> | undefined;
  readonly value: Serde<V> | undefined;
  readonly partitions?: number | undefined;
  /**
   * A grouping or a join cannot use a record without a key, so it does not travel. One that a left
   * join can use passes the filter, which is there as in Kafka Streams.
   */
  readonly withoutKey: 'kept' | 'dropped' | 'passed';
}

export function repartitionStream<K, V>(
  state: StreamState<K, V>,
  name: string,
  options: RepartitionStreamOptions<K, V>,
): StreamState<K, V> {
  const { graph } = state;
  const { key, value, partitions, withoutKey } = options;
  const topic = `${name}-repartition`;
  const sink = graph.name('KSTREAM-SINK-', `${topic}-sink`);
  const filter = graph.name('KSTREAM-FILTER-', `${topic}-filter`);
  const source = graph.name('KSTREAM-SOURCE-', `${topic}-source`);
  if (key === undefined || value === undefined) {
    graph.fault(`'${name}' repartitions and needs a key serde and a value serde; name them there`);
    return state;
  }
  if (partitions !== undefined && !(Number.isSafeInteger(partitions) && partitions > 0)) {
    graph.fault(`'${name}' asks for ${partitions} partitions; it needs a whole number above 0`);
  }
  if (withoutKey === 'dropped') graph.processor(filter, [state.node], dropWithoutKey());
  if (withoutKey === 'passed') graph.processor(filter, [state.node], passThrough());
  const node = withoutKey === 'kept' ? state.node : filter;
  graph.repartition(
    name,
    { node, sources: state.sources },
    {
      key: key as Serde<unknown>,
      value: value as Serde<unknown>,
      partitions,
      names: { sink, source },
    },
  );
  return { ...state, node: source, sources: [source], key, value, rekeyed: false };
}
