/** The ways in which a group can share partitions with this client. docs/decisions/0015 weighs them. */

/** librdkafka's `session.timeout.ms` and the broker's, so that a dead member is missed equally soon. */
export const sessionMs = 6_000;
const heartbeatMs = 600;
/** What a dead member has left open would hide all that comes after it for longer than its session. */
export const transactionTimeoutMs = 2_000;

export interface Design {
  readonly name: string;
  readonly settings: Readonly<Record<string, string | number>>;
  /** Whether partitions come and go a few at a time, or all of them each time. */
  readonly isIncremental: boolean;
}

const classic = { 'session.timeout.ms': sessionMs, 'heartbeat.interval.ms': heartbeatMs };

export const designs: readonly Design[] = [
  {
    name: 'range',
    settings: { ...classic, 'partition.assignment.strategy': 'range' },
    isIncremental: false,
  },
  {
    name: 'cooperative-sticky',
    settings: { ...classic, 'partition.assignment.strategy': 'cooperative-sticky' },
    isIncremental: true,
  },
  {
    name: 'KIP-848, range',
    settings: { 'group.protocol': 'consumer', 'group.remote.assignor': 'range' },
    isIncremental: true,
  },
  {
    name: 'KIP-848, uniform',
    settings: { 'group.protocol': 'consumer', 'group.remote.assignor': 'uniform' },
    isIncremental: true,
  },
];

/** Of a broker that treats both protocols alike, and ends transactions soon. */
export const brokerProperties = {
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500',
  'group.consumer.session.timeout.ms': String(sessionMs),
  'group.consumer.min.session.timeout.ms': String(sessionMs),
  'group.consumer.heartbeat.interval.ms': String(heartbeatMs),
  'group.consumer.min.heartbeat.interval.ms': String(heartbeatMs),
};
