export type { KafkaConnection, KafkaSecurity, SaslMechanism } from './connection-settings.ts';
export { type KafkaLogOptions, openKafkaLog } from './kafka-log.ts';
