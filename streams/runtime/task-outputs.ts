/** The records that a task has written since its last commit was prepared: outputs and dead letters. */
import type { ConsumedRecord, ProducedRecord, TopicPartition } from '../log/log.ts';
import { deadLetter, type Failure, withoutOwnHeaders } from './dead-letter.ts';

export interface TaskOutputsOptions {
  readonly deadLetterTopic: string;
  /** Throws when the log would refuse an output: then its record fails, not the whole commit. */
  readonly checkOutput?: ((record: ProducedRecord) => void) | undefined;
}

export class TaskOutputs {
  readonly #options: TaskOutputsOptions;
  #records: ProducedRecord[] = [];
  #atSavepoint = 0;

  constructor(options: TaskOutputsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#records.length;
  }

  write(record: ProducedRecord): void {
    this.#options.checkOutput?.(record);
    this.#records.push(record);
  }

  /** Writes the dead letter of a record. */
  bury(record: ConsumedRecord, origin: TopicPartition, failure: Failure): void {
    const letter = deadLetter(this.#options.deadLetterTopic, record, origin, failure);
    this.#records.push(this.#acceptable(letter));
  }

  /** From here on, `rollbackToSavepoint` takes back what is written. */
  setSavepoint(): void {
    this.#atSavepoint = this.#records.length;
  }

  rollbackToSavepoint(): void {
    this.#records.length = this.#atSavepoint;
  }

  /** Hands everything out, for a commit; or for nobody, in a rollback. */
  take(): readonly ProducedRecord[] {
    const records = this.#records;
    this.#records = [];
    this.#atSavepoint = 0;
    return records;
  }

  /** What tells of the failure may be what is too much for the log: the record itself goes first. */
  #acceptable(letter: ProducedRecord): ProducedRecord {
    try {
      this.#options.checkOutput?.(letter);
      return letter;
    } catch (error) {
      return withoutOwnHeaders(letter, error);
    }
  }
}
