export { incompatibilities } from './avro/compatibility.ts';
export { isUnknownSchema, type UnknownSchemaError } from './avro/framing.ts';
export { memoryRegistry } from './avro/memory-registry.ts';
export type { AvroJson, SchemaRegistry } from './avro/registry.ts';
export type { AnySchema, Branded, Decoded, Schema } from './avro/schema.ts';
export * as avro from './avro/schema.ts';
export type { StreamsConfig, StreamsOptions } from './config.ts';
export { StreamsError, type StreamsErrorCode } from './errors.ts';
export type {
  ConsumedRecord,
  GroupMember,
  GroupPeer,
  Log,
  LogReader,
  ProducedRecord,
  RecordBatch,
  TopicDescription,
  TopicPartition,
} from './log/log.ts';
export { type MemoryLog, memoryLog } from './log/memory/memory-log.ts';
export type { GlobalTable, ProcessContext, ProcessValuesContext, Punctuator } from './processor.ts';
export type { Header, RecordMetadata, StreamRecord } from './record.ts';
export type {
  ApplicationMetrics,
  RestoreReport,
  TaskReport,
} from './runtime/application-metrics.ts';
export type { StandbyReport } from './runtime/standby-tasks.ts';
export {
  type Application,
  type ApplicationState,
  type RecordsLost,
  type RestoreProgress,
  StreamsApplication,
  type StreamsApplicationOptions,
} from './runtime/streams-application.ts';
export type { Deserializer, Serde, Serializer } from './serde.ts';
export {
  bytesSerde,
  intSerde,
  jsonSerde,
  longSerde,
  sessionWindowedSerde,
  stringSerde,
  windowedSerde,
} from './serdes.ts';
export type { LocalStateStorage, LocalTaskStorage } from './state/local-state.ts';
export {
  type Entry,
  type KeyValueStore,
  type KeyValueStoreDefinition,
  keyValueStore,
  type ReadOnlyKeyValueStore,
  type StoreQuery,
  type TimestampedValue,
  type WindowStore,
} from './state/store.ts';
export type {
  Branches,
  KGroupedStream,
  KGroupedTable,
  KStream,
  KTable,
  SessionWindowedKStream,
  TimeWindowedKStream,
} from './topology/kstream.ts';
export { registerSchemas } from './topology/register-schemas.ts';
export type { StreamJoined, StreamJoinStores } from './topology/stream-joined.ts';
export { StreamsBuilder, type Topology } from './topology/streams-builder.ts';
export {
  type ReadableTopic,
  type Topic,
  topic,
  topicSerdes,
  type WritableTopic,
} from './topology/topic.ts';
export { type JoinWindows, joinWindows } from './windows/join-windows.ts';
export {
  type SessionWindow,
  type SessionWindows,
  sessionWindows,
} from './windows/session-windows.ts';
export {
  hoppingWindows,
  type TimeWindow,
  type TimeWindows,
  tumblingWindows,
  type Windowed,
} from './windows/time-windows.ts';
