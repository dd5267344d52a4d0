/**
 * Compiles the nodes of a sub-topology to functions that call each other directly: children are
 * bound when the task is made, so that a record on its way looks nothing up by name.
 */
import { StreamsError } from '../errors.ts';
import type { OperatorContext } from '../processor.ts';
import type { Header, RecordMetadata, StreamRecord } from '../record.ts';
import type { GlobalTableStore } from '../state/global-table-store.ts';
import type { ProcessorNode, SinkNode, TopologyNode } from '../topology/topology.ts';
import type { Punctuation } from './punctuation.ts';
import type { OpenStore } from './task-stores.ts';

type Receive = (record: StreamRecord<unknown, unknown>) => void;

/** What one node has done since its task was made. */
export interface NodeMetrics {
  readonly node: string;
  recordsIn: number;
  readonly dropped: Map<string, number>;
}

/** What the task lends its nodes. */
export interface TaskSurroundings {
  streamTimeMs(): number;
  wallClockMs(): number;
  random(): number;
  recordMetadata(): RecordMetadata | undefined;
  store(name: string): OpenStore;
  globalTable(name: string): GlobalTableStore<unknown, unknown>;
  schedule(node: string, punctuation: Punctuation): void;
  /** The function that writes to a sink's topic. */
  sink(node: SinkNode): Receive;
  /** Remembers the node in which a record failed: the innermost is told first. */
  failedIn(node: string, error: unknown): void;
}

export interface CompiledNodes {
  /** Where the records of a source enter. */
  readonly entry: ReadonlyMap<string, Receive>;
  readonly metrics: readonly NodeMetrics[];
}

/** `nodes`: those of one sub-topology, parents before children. */
export function compileNodes(
  nodes: readonly TopologyNode[],
  task: TaskSurroundings,
): CompiledNodes {
  const children = new Map<string, Receive[]>(nodes.map((node) => [node.name, []]));
  const entry = new Map<string, Receive>();
  const metrics: NodeMetrics[] = [];
  for (const node of [...nodes].reverse()) {
    const measured: NodeMetrics = { node: node.name, recordsIn: 0, dropped: new Map() };
    metrics.unshift(measured);
    const forward = toEach((children.get(node.name) ?? []).reverse());
    const inner =
      node.kind === 'source'
        ? forward
        : node.kind === 'sink'
          ? task.sink(node)
          : open(node, forward, measured, task);
    const receive = guarded(inner, measured, task);
    if (node.kind === 'source') entry.set(node.name, receive);
    else for (const parent of node.parents) children.get(parent)?.push(receive);
  }
  return { entry, metrics };
}

function toEach(children: readonly Receive[]): Receive {
  const [only, second] = children;
  if (only === undefined) return () => {};
  if (second === undefined) return only;
  return (record) => {
    for (const child of children) child(record);
  };
}

function guarded(inner: Receive, metrics: NodeMetrics, task: TaskSurroundings): Receive {
  return (record) => {
    metrics.recordsIn++;
    try {
      inner(record);
    } catch (error) {
      task.failedIn(metrics.node, error);
      throw error;
    }
  };
}

function open(
  node: ProcessorNode,
  forward: Receive,
  { dropped }: NodeMetrics,
  task: TaskSurroundings,
): Receive {
  const connected = (name: string) => {
    if (node.stores.includes(name)) return task.store(name) as never;
    const message = `'${node.name}' is not connected to a store '${name}'`;
    throw new StreamsError('STREAMS_STORE_UNKNOWN', message);
  };
  const context: OperatorContext<unknown, unknown> = {
    forward,
    dropped: (reason) => void dropped.set(reason, (dropped.get(reason) ?? 0) + 1),
    get streamTimeMs() {
      return task.streamTimeMs();
    },
    get wallClockMs() {
      return task.wallClockMs();
    },
    get recordMetadata() {
      return task.recordMetadata();
    },
    random: () => task.random(),
    keyValueStore: connected,
    timestampedStore: connected,
    windowStore: connected,
    sessionStore: connected,
    joinBuffer: connected,
    globalTable: (name) => task.globalTable(name) as never,
    schedule: (punctuation) => task.schedule(node.name, punctuation),
  };
  return node.operator(context) as Receive;
}

export const noHeaders: readonly Header[] = [];
