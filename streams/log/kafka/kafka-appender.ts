/**
 * Appends records outside of any group. One record is written by itself, idempotent; several in one
 * transaction, so that all are there or none. The order of the calls is kept between both ways.
 */
import type { RecordMetadata } from '../../record.ts';
import type { ProducedRecord } from '../log.ts';
import { disconnect, type KafkaClients } from './kafka-clients.ts';
import { kafkaError } from './kafka-errors.ts';
import type { NativeError, NativeProducer } from './native-client.ts';
import { produce, type RoutedRecord } from './record-router.ts';

interface Report {
  readonly offset: number;
  readonly opaque: Delivery | undefined;
}

/** A record on its way, by which the report of its delivery finds back. */
interface Delivery {
  readonly routed: RoutedRecord;
  readonly done: (error: NativeError | null, offset: number) => void;
}

type Transact = (records: readonly RoutedRecord[]) => Promise<readonly RecordMetadata[]>;

export class KafkaAppender {
  readonly #clients: KafkaClients;
  readonly #route: (records: readonly ProducedRecord[]) => Promise<readonly RoutedRecord[]>;
  readonly #transact: Transact;
  #producer: Promise<NativeProducer> | undefined;
  /** What must have ended before a record may go the other way. */
  #singles: Promise<unknown> = Promise.resolve();
  #transactions: Promise<unknown> = Promise.resolve();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: {
    readonly clients: KafkaClients;
    readonly route: (records: readonly ProducedRecord[]) => Promise<readonly RoutedRecord[]>;
    readonly transact: Transact;
  }) {
    this.#clients = options.clients;
    this.#route = options.route;
    this.#transact = options.transact;
  }

  async append(records: readonly ProducedRecord[]): Promise<readonly RecordMetadata[]> {
    if (records.length === 0) return [];
    const turn = this.#turn.then(() => this.#begin(records));
    this.#turn = turn.catch(() => undefined); // The caller has the error.
    return (await turn).written;
  }

  async close(): Promise<void> {
    await this.#turn;
    await Promise.allSettled([this.#singles, this.#transactions]);
    await disconnect(await this.#producer?.catch(() => undefined));
  }

  /** Ends when the records have their place in the order; `written` when they are durable. */
  async #begin(records: readonly ProducedRecord[]) {
    const routed = await this.#route(records);
    const [only, second] = routed;
    if (only !== undefined && second === undefined) {
      await this.#transactions;
      const producer = await this.#open();
      const written = this.#write(producer, only).then((metadata) => [metadata]);
      this.#singles = Promise.allSettled([this.#singles, written]);
      return { written };
    }
    await this.#singles;
    const written = this.#transact(routed);
    this.#transactions = written.catch(() => undefined);
    return { written };
  }

  #open(): Promise<NativeProducer> {
    this.#producer ??= this.#connect().catch((error: unknown) => {
      this.#producer = undefined;
      throw error;
    });
    return this.#producer;
  }

  async #connect(): Promise<NativeProducer> {
    // One record at a time is mostly waited for: it does not wait for others.
    const producer = await this.#clients.producer({ 'linger.ms': 0, dr_cb: true });
    producer.setPollInBackground(true);
    producer.on('delivery-report', ((error: NativeError | null, { opaque, offset }: Report) => {
      opaque?.done(error, offset);
    }) as never);
    return producer;
  }

  #write(producer: NativeProducer, routed: RoutedRecord): Promise<RecordMetadata> {
    const { topic, partition } = routed;
    return new Promise((resolve, reject) => {
      const delivery: Delivery = {
        routed,
        done: (error, offset) => {
          if (error) reject(kafkaError(`cannot append to '${topic}'`, error));
          else resolve({ topic, partition, offset: BigInt(offset) });
        },
      };
      try {
        produce(producer, routed, delivery);
      } catch (error) {
        reject(kafkaError(`cannot append to '${topic}'`, error));
      }
    });
  }
}
