/** The broker of a run: one that runs already, or one that is started for it and goes with it. */
import { startKafka } from '../../test/servers/kafka/start-kafka.ts';
import type { BenchOptions } from './options.ts';

export interface Broker {
  readonly bootstrap: string;
  /** `undefined` when its processor time cannot be told. */
  readonly processId: number | undefined;
  readonly stop: () => Promise<void>;
}

const heapMegabytes = 768;

export async function openBroker({ kafka, brokerProcess }: BenchOptions): Promise<Broker> {
  if (kafka !== undefined) {
    return { bootstrap: kafka, processId: brokerProcess, stop: async () => undefined };
  }
  const { bootstrapServers, nodes, stop } = await startKafka({
    nodes: 1,
    heapMegabytes,
    optimizes: true,
  });
  return { bootstrap: bootstrapServers, processId: nodes[0]?.pid, stop };
}
