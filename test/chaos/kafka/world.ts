/** What is in a run of the chaos: brokers, instances, and who feeds and follows them. */
import type { Log } from '../../../streams/log/log.ts';
import type { OutputFollower } from '../../counting/audit.ts';
import type { Feeder } from '../../counting/feeder.ts';
import type { KafkaServers } from '../../servers/kafka/start-kafka.ts';
import type { InstanceProcess } from './instance-process.ts';
import type { Variant } from './variant.ts';

export interface World {
  readonly log: Log;
  readonly instances: readonly InstanceProcess[];
  readonly cluster: KafkaServers;
  readonly feeder: Feeder;
  readonly follower: OutputFollower;
  readonly variant: Variant;
  /** What should not have happened, as it was seen. */
  readonly faults: string[];
}
