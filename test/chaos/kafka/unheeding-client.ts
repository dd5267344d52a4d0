/**
 * The Kafka client as programs use it that set no rebalance callback: what the group takes away is
 * given up at once, without a word, while records of it are still being processed; and what they
 * commit afterwards carries the generation that is the group's by then.
 *
 * The driver only gets its assignments through the callback, so it is not left out but told late.
 */
import { loadKafkaClient } from '../../../streams/log/kafka/client-location.ts';
import type { RebalanceCallback } from '../../../streams/log/kafka/kafka-clients.ts';
import { kafkaCode } from '../../../streams/log/kafka/kafka-errors.ts';
import type {
  NativeClient,
  NativeConsumer,
  NativePartition,
} from '../../../streams/log/kafka/native-client.ts';

/** As long as a program may need for the records that it has polled already. */
const toldLateMs = 3_000;

interface Settings {
  readonly rebalance_cb?: RebalanceCallback;
}

/** For all consumers of this process that are made from now on. */
export function takeOutRebalanceCallback(): void {
  const client = loadKafkaClient() as {
    -readonly [Part in keyof NativeClient]: NativeClient[Part];
  };
  const { KafkaConsumer } = client;

  client.KafkaConsumer = class extends KafkaConsumer implements NativeConsumer {
    readonly #isMember: boolean;
    #told: Promise<unknown> = Promise.resolve();

    constructor(settings: Settings, topicSettings: object) {
      const { rebalance_cb: tell } = settings;
      const unheeding: RebalanceCallback = (error, partitions) => {
        if (tell !== undefined) this.#rebalanced(tell, error, partitions);
      };
      super(tell ? { ...settings, rebalance_cb: unheeding } : settings, topicSettings);
      this.#isMember = tell !== undefined;
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
      console.log(
        new Date().toISOString(),
        'MUTANT',
        error.code,
        partitions.map((p) => p.partition).join(),
      );
      this.#told = this.#told.then(async () => {
        if (isRevoked) await new Promise((resolve) => setTimeout(resolve, toldLateMs));
        tell.call(this, error, partitions);
        console.log(
          new Date().toISOString(),
          'TOLD',
          error.code,
          partitions.map((p) => p.partition).join(),
        );
      });
    }

    /** Nobody could have said so in time. */
    override assignmentLost(): boolean {
      return false;
    }
  };
}
