/** What the operations routes tell: is it ready, how is it doing, what does it run. */
import type { Topology } from '#streams';
import type { CircuitBreaker } from '../../connectors/circuit-breaker.ts';
import type { Operations, Readiness } from '../../serving/operations/operations.ts';
import type { Applications } from './applications.ts';
import {
  applicationFamilies,
  counter,
  gauge,
  type MetricFamily,
  metricsText,
  processFamilies,
} from './metrics-text.ts';
import type { Sinks } from './sinks.ts';

export interface OperationsParts {
  readonly applications: Applications;
  readonly sinks: Sinks;
  readonly topologies: ReadonlyMap<string, Topology>;
  /** Of the servers that the views are on. */
  readonly breakers: readonly CircuitBreaker[];
  /** Behaviour events that could not be written. */
  readonly droppedFacts: () => number;
}

export class ShopOperations implements Operations {
  readonly #parts: OperationsParts;
  /** What the start still waits for; empty when it is done. */
  #waitingFor = 'the start';

  constructor(parts: OperationsParts) {
    this.#parts = parts;
  }

  startWaitsFor(what: string): void {
    this.#waitingFor = what;
  }

  started(): void {
    this.#waitingFor = '';
  }

  /** Whoever balances load sends nothing more. */
  ending(): void {
    this.#waitingFor = 'nothing: it ends';
  }

  async readiness(): Promise<readonly Readiness[]> {
    const ready = this.#waitingFor === '';
    const start = { name: 'start', ready, detail: ready ? '' : `waits for ${this.#waitingFor}` };
    return [start, ...this.#parts.applications.readiness()];
  }

  async metrics(): Promise<string> {
    const { user, system } = process.cpuUsage();
    return metricsText([
      ...processFamilies({
        cpuSeconds: (user + system) / 1e6,
        residentBytes: process.memoryUsage.rss(),
        uptimeSeconds: process.uptime(),
      }),
      ...applicationFamilies(this.#parts.applications.metrics()),
      ...this.#sinkFamilies(),
      gauge(
        'store_away',
        '1 while a server has not answered and reads are refused at once',
        this.#parts.breakers.map(({ server, isOpen }) => ({
          labels: { server },
          value: isOpen ? 1 : 0,
        })),
      ),
      counter('behaviour_dropped_total', 'Behaviour events that could not be written', [
        { labels: {}, value: this.#parts.droppedFacts() },
      ]),
    ]);
  }

  topology(): string {
    return [...this.#parts.topologies]
      .map(([name, topology]) => `# ${name}\n${topology.describe()}`)
      .join('\n');
  }

  #sinkFamilies(): MetricFamily[] {
    const sinks = [...this.#parts.sinks.metrics()];
    const each = (value: (metrics: (typeof sinks)[number][1]) => number) =>
      sinks.map(([sink, metrics]) => ({ labels: { sink }, value: value(metrics) }));
    const lags = sinks.flatMap(([sink, { lag }]) =>
      Object.entries(lag).map(([topic, value]) => ({ labels: { sink, topic }, value })),
    );
    return [
      counter(
        'sink_records_total',
        'Changes applied to views',
        each((it) => it.records),
      ),
      counter(
        'sink_retries_total',
        'Failures that were tried again',
        each((it) => it.retries),
      ),
      counter(
        'sink_dead_letters_total',
        'Records no view could take',
        each((it) => it.deadLetters),
      ),
      gauge('sink_lag', 'Records the log has and the view has not', lags),
    ];
  }
}
