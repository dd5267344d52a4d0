/**
 * The Kafka client as a program uses it that sets no rebalance callback and does not fence: what the
 * group takes away is given up at once, without a word, while records of it are still processed; and
 * what is committed afterwards does not say on behalf of which generation of the group.
 *
 * The driver only gets its assignments through the callback, so it is not left out but told late.
 */
import { loadKafkaClient } from '../../../streams/log/kafka/client-location.ts';
import type { RebalanceCallback } from '../../../streams/log/kafka/kafka-clients.ts';
import { kafkaCode } from '../../../streams/log/kafka/kafka-errors.ts';
import type {
  Callback,
  NativeClient,
  NativeConsumer,
  NativePartition,
  NativeProducer,
} from '../../../streams/log/kafka/native-client.ts';
import { counting } from './variant.ts';

/** A program may be busy with the records that it has polled for longer. @see max.poll.interval.ms */
const toldLateMs = 10_000;

interface ConsumerSettings {
  readonly 'group.id'?: string;
  readonly rebalance_cb?: RebalanceCallback;
}

type Offsets = Parameters<NativeProducer['sendOffsetsToTransaction']>[0];

/** For all clients that this process makes from now on. */
export function takeOutRebalanceCallback(): void {
  const client = loadKafkaClient() as {
    -readonly [Part in keyof NativeClient]: NativeClient[Part];
  };
  const { KafkaConsumer, Producer } = client;
  /** The driver reads records with a consumer that names the group and is no member of it. */
  let outsider: NativeConsumer | undefined;

  client.KafkaConsumer = class extends KafkaConsumer implements NativeConsumer {
    readonly #isMember: boolean;
    #told: Promise<unknown> = Promise.resolve();

    constructor(settings: ConsumerSettings, topicSettings: object) {
      const { rebalance_cb: tell } = settings;
      const unheeding: RebalanceCallback = (error, partitions) => {
        if (tell !== undefined) this.#rebalanced(tell, error, partitions);
      };
      super(tell ? { ...settings, rebalance_cb: unheeding } : settings, topicSettings);
      this.#isMember = tell !== undefined;
      if (settings['group.id'] === counting.applicationId)
        outsider = tell === undefined ? this : outsider;
    }

    /** Done long before the driver asks for it. */
    override incrementalUnassign(partitions: readonly NativePartition[]): void {
      if (!this.#isMember) super.incrementalUnassign(partitions);
    }

    #rebalanced(
      tell: RebalanceCallback,
      error: { readonly code: number },
      partitions: readonly NativePartition[],
    ): void {
      const isRevoked = error.code !== kafkaCode.assignPartitions;
      if (isRevoked) super.incrementalUnassign(partitions);
      this.#told = this.#told.then(async () => {
        if (isRevoked) await new Promise((resolve) => setTimeout(resolve, toldLateMs));
        tell.call(this, error, partitions);
      });
    }

    /** Nobody could have said so in time. */
    override assignmentLost(): boolean {
      return false;
    }
  };

  client.Producer = class extends Producer {
    override sendOffsetsToTransaction(
      offsets: Offsets,
      member: NativeConsumer,
      timeoutMs: number,
      callback: Callback,
    ): void {
      super.sendOffsetsToTransaction(offsets, outsider ?? member, timeoutMs, callback);
    }
  };
}
