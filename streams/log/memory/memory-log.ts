/** A log in memory, for tests: the whole Log port, nothing survives the process. */
import { InProcessLog, type InProcessLogOptions } from '../in-process/in-process-log.ts';
import { MemoryStorage } from './memory-storage.ts';

export type MemoryLog = InProcessLog;

/** `commitsState: false` makes it a log such as Kafka's, which leaves state to changelog topics. */
export function memoryLog(options: Partial<Omit<InProcessLogOptions, 'readOnly'>> = {}): MemoryLog {
  return new InProcessLog(new MemoryStorage(), {
    maxRecordBytes: 8 * 1024 * 1024,
    rebalanceTimeoutMs: 60_000,
    cleanIntervalMs: 60_000,
    tombstoneRetentionMs: 24 * 60 * 60 * 1_000,
    now: Date.now,
    commitsState: true,
    ...options,
    readOnly: false,
  });
}
