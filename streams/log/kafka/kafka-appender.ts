/**
 * Appends records outside of any group. One record is written by itself, idempotent; several in one
 * transaction, so that all are there or none. The order of the calls is kept between both ways.
 *
 * Once the brokers are known to be away a call fails before it hands anything over, so that it can say
 * that nothing was written, and so that nothing is written long after its caller has gone.
 */
import type { RecordMetadata } from '../../record.ts';
import type { ProducedRecord } from '../log.ts';
import { disconnect, type KafkaClients } from './kafka-clients.ts';
import { kafkaCode, kafkaError, nativeCode, outcomeUnknown } from './kafka-errors.ts';
import { answer, type NativeError, type NativeProducer } from './native-client.ts';
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

/** A broker that is there answers sooner. */
const checkTimeoutMs = 1_000;

type Transact = (records: readonly RoutedRecord[]) => Promise<readonly RecordMetadata[]>;

export class KafkaAppender {
  readonly #clients: KafkaClients;
  readonly #route: (records: readonly ProducedRecord[]) => Promise<readonly RoutedRecord[]>;
  readonly #transact: Transact;
  readonly #timeoutMs: number;
  #isDoubted = false;
  #checking: Promise<void> | undefined;
  #producer: Promise<NativeProducer> | undefined;
  /** What must have ended before a record may go the other way. */
  #singles: Promise<unknown> = Promise.resolve();
  #transactions: Promise<unknown> = Promise.resolve();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: {
    readonly clients: KafkaClients;
    readonly route: (records: readonly ProducedRecord[]) => Promise<readonly RoutedRecord[]>;
    readonly transact: Transact;
    readonly timeoutMs: number;
  }) {
    this.#clients = options.clients;
    this.#route = options.route;
    this.#transact = options.transact;
    this.#timeoutMs = options.timeoutMs;
  }

  async append(records: readonly ProducedRecord[]): Promise<readonly RecordMetadata[]> {
    if (records.length === 0) return [];
    if (this.#isDoubted) await this.#check();
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
    const producer = await this.#clients.producer(
      { 'linger.ms': 0, dr_cb: true },
      { 'message.timeout.ms': this.#timeoutMs },
    );
    producer.setPollInBackground(true);
    producer.on('event.error', ((error: NativeError) => this.#doubt(error)) as never);
    producer.on('delivery-report', ((error: NativeError | null, { opaque, offset }: Report) => {
      opaque?.done(error, offset);
    }) as never);
    return producer;
  }

  /** One question for all who wait. */
  #check(): Promise<void> {
    this.#checking ??= this.#ask()
      .then(() => {
        this.#isDoubted = false;
      })
      .finally(() => {
        this.#checking = undefined;
      });
    return this.#checking;
  }

  async #ask(): Promise<void> {
    const producer = await this.#open();
    const question = { allTopics: false, timeout: checkTimeoutMs };
    try {
      await answer((callback) => producer.getMetadata(question, callback));
    } catch (error) {
      throw kafkaError('nothing was appended', error);
    }
  }

  #doubt(error: NativeError): void {
    const code = nativeCode(error);
    this.#isDoubted ||= code === kafkaCode.localAllBrokersDown || code === kafkaCode.localTransport;
  }

  #failureOf(topic: string, error: NativeError): Error {
    if (nativeCode(error) !== kafkaCode.localMessageTimedOut)
      return kafkaError(`cannot append to '${topic}'`, error);
    this.#isDoubted = true;
    return outcomeUnknown(`a record was appended to '${topic}'`, error);
  }

  #write(producer: NativeProducer, routed: RoutedRecord): Promise<RecordMetadata> {
    const { topic, partition } = routed;
    return new Promise((resolve, reject) => {
      const delivery: Delivery = {
        routed,
        done: (error, offset) => {
          if (error) reject(this.#failureOf(topic, error));
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
