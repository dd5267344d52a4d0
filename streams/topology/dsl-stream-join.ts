/**
 * The join of two streams, as nodes of a graph: each side is buffered, then joined with the buffer
 * of the other. Processors, stores and repartition topics are named as in Kafka Streams.
 *
 *   left ──▶ this-windowed ──▶ this-join ──┐
 *                 │  ╲      ╱              ├──▶ merge
 *               stores ╳ read by the other │
 *                 │  ╱      ╲              │
 *   right ─▶ other-windowed ─▶ other-join ─┘
 */
import { bufferForJoin } from '../operators/buffer-for-join.ts';
import {
  type JoinStreamsOptions,
  type JoinValues,
  joinStreams,
} from '../operators/join-streams.ts';
import type { JoinKind } from '../operators/join-tables.ts';
import { passThrough } from '../operators/pass-through.ts';
import type { Serde } from '../serde.ts';
import { unmatchedKeySerde, unmatchedValuesSerde } from '../state/unmatched.ts';
import { joinWindowFaults } from '../windows/join-windows.ts';
import { repartitionStream } from './repartition.ts';
import type { StreamJoined, StreamJoinStores } from './stream-joined.ts';
import type { StreamState } from './stream-state.ts';
import type { AnyOperator, TopologyGraph } from './topology-graph.ts';

export interface JoinedStreams<K, V, VOther, VOut> extends StreamJoined<K, V, VOther> {
  readonly kind: JoinKind;
  readonly join: JoinValues<K, NonNullable<V>, NonNullable<VOther>, VOut>;
}

export function joinedStreams<K, V, VOther, VOut>(
  name: string,
  left: StreamState<K, V>,
  right: StreamState<K, VOther>,
  options: JoinedStreams<K, V, VOther, VOut>,
): StreamState<K, VOut> {
  const { graph } = left;
  const key = options.key ?? left.key ?? right.key;
  const value = options.value ?? (left.value as Serde<NonNullable<V>> | undefined);
  const otherValue = options.otherValue ?? (right.value as Serde<NonNullable<VOther>> | undefined);
  for (const fault of joinWindowFaults(options.windows)) graph.fault(`'${name}' has ${fault}`);

  const isOuter = options.kind !== 'inner';
  const withoutKey = isOuter ? 'passed' : 'dropped';
  const from = ready(left, `${name}-left`, { key, value: value as Serde<V>, withoutKey });
  const other = ready(right, `${name}-right`, {
    key,
    value: otherValue as Serde<VOther>,
    withoutKey,
  });
  const names = namesOf(name, options.kind, graph);
  const stores = options.stores ?? names.stores;
  declareStores(graph, stores, options, { key, value, otherValue });
  addNodes(graph, { left: from.node, right: other.node }, names, stores, options);
  const sources = [...new Set([...from.sources, ...other.sources])];
  graph.copartitions.push({ by: names.merge, sources });
  return {
    graph,
    node: names.merge,
    sources,
    key,
    value: undefined,
    rekeyed: false,
    open: left.open,
  };
}

function ready<K, V>(
  stream: StreamState<K, V>,
  name: string,
  options: Parameters<typeof repartitionStream<K, V>>[2],
): StreamState<K, V> {
  return stream.rekeyed ? repartitionStream(stream, name, options) : stream;
}

interface JoinNames {
  readonly thisWindowed: string;
  readonly otherWindowed: string;
  readonly thisJoin: string;
  readonly otherJoin: string;
  readonly merge: string;
  readonly stores: StreamJoinStores;
}

function namesOf(name: string, kind: JoinKind, graph: TopologyGraph): JoinNames {
  const thisSuffix = kind === 'outer' ? '-outer-this-join' : '-this-join';
  const otherSuffix = kind === 'inner' ? '-other-join' : '-outer-other-join';
  const sharedSuffix = kind === 'outer' ? '-outer-shared-join' : '-left-shared-join';
  return {
    thisWindowed: graph.name('KSTREAM-WINDOWED-', `${name}-this-windowed`),
    otherWindowed: graph.name('KSTREAM-WINDOWED-', `${name}-other-windowed`),
    thisJoin: graph.name('KSTREAM-JOINTHIS-', name + thisSuffix),
    otherJoin: graph.name('KSTREAM-JOINOTHER-', name + otherSuffix),
    merge: graph.name('KSTREAM-MERGE-', `${name}-merge`),
    stores: {
      left: `${name}${thisSuffix}-store`,
      right: `${name}${otherSuffix}-store`,
      unmatched: `${name}${sharedSuffix}-store`,
    },
  };
}

function declareStores<K, V, VOther>(
  graph: TopologyGraph,
  { left, right, unmatched }: StreamJoinStores,
  { kind, windows }: { kind: JoinKind; windows: StreamJoined<K, V, VOther>['windows'] },
  serdes: {
    readonly key: Serde<K> | undefined;
    readonly value: Serde<NonNullable<V>> | undefined;
    readonly otherValue: Serde<NonNullable<VOther>> | undefined;
  },
): void {
  const { key, value, otherValue } = serdes;
  const retentionMs = windows.beforeMs + windows.afterMs + windows.graceMs;
  graph.joinBuffer(left, key, value, { retentionMs, joinedWith: right });
  graph.joinBuffer(right, key, otherValue, { retentionMs, joinedWith: left });
  if (kind === 'inner') return;
  if (unmatched === undefined) {
    graph.fault(`the ${kind} join of '${left}' and '${right}' needs a store of what is unmatched`);
    return;
  }
  // What lacks a serde has been told of the buffers.
  if (key === undefined || value === undefined || otherValue === undefined) return;
  graph.store({
    kind: 'key-value',
    name: unmatched,
    logged: true,
    key: unmatchedKeySerde(key) as Serde<unknown>,
    value: unmatchedValuesSerde(value, otherValue) as Serde<unknown>,
  });
}

function addNodes<K, V, VOther, VOut>(
  graph: TopologyGraph,
  parents: { readonly left: string; readonly right: string },
  names: JoinNames,
  stores: StreamJoinStores,
  { kind, windows, join }: JoinedStreams<K, V, VOther, VOut>,
): void {
  const { beforeMs, afterMs, graceMs } = windows;
  const unmatched = kind === 'inner' ? undefined : stores.unmatched;
  const openMs = { left: afterMs + graceMs, right: beforeMs + graceMs };
  const buffered = (node: string, parent: string, buffer: string, ownOpenMs: number) => {
    const operator = bufferForJoin({ buffer, openMs: ownOpenMs });
    graph.processor(node, [parent], operator as AnyOperator, { stores: [buffer] });
  };
  const joined = (
    node: string,
    parent: string,
    own: Pick<
      JoinStreamsOptions<K, NonNullable<V>, NonNullable<VOther>, VOut>,
      'side' | 'otherBuffer' | 'beforeMs' | 'afterMs' | 'isOuter'
    >,
  ) => {
    const operator = joinStreams({ ...own, openMs, join, unmatched });
    const used = unmatched === undefined ? [own.otherBuffer] : [own.otherBuffer, unmatched];
    graph.processor(node, [parent], operator as AnyOperator, { stores: used });
  };
  buffered(names.thisWindowed, parents.left, stores.left, openMs.left);
  buffered(names.otherWindowed, parents.right, stores.right, openMs.right);
  joined(names.thisJoin, names.thisWindowed, {
    side: 'left',
    otherBuffer: stores.right,
    beforeMs,
    afterMs,
    isOuter: kind !== 'inner',
  });
  joined(names.otherJoin, names.otherWindowed, {
    side: 'right',
    otherBuffer: stores.left,
    beforeMs: afterMs,
    afterMs: beforeMs,
    isOuter: kind === 'outer',
  });
  graph.processor(names.merge, [names.thisJoin, names.otherJoin], passThrough());
}
