/** What a member and the test that runs it say to each other. */
import type { StreamsOptions } from '#streams';
import type { CountingNames } from './counting.ts';

/** The one argument of a member's program, as JSON. */
export interface MemberOptions {
  readonly names: CountingNames;
  readonly bootstrapServers: string;
  readonly stateDirectory: string;
  readonly streams?: Partial<StreamsOptions>;
  readonly instanceId?: string;
  /** Whether it writes down no copies of states until it is let go. */
  readonly holdsCopies?: boolean;
}

export type ToMember = { readonly type: 'let go' };

/** Told ten times a second. */
export interface MemberReport {
  readonly state: string;
  readonly tasks: readonly string[];
  readonly restoredRecords: number;
  readonly standbys: readonly {
    readonly taskId: string;
    readonly records: number;
    readonly lag: number;
  }[];
}
