/** What an instance and the one that torments it say to each other. */
import type { ApplicationState } from '#streams';
import type { Variant } from './variant.ts';

/** The one argument of an instance's program, as JSON. */
export interface InstanceOptions {
  readonly name: string;
  readonly bootstrapServers: string;
  readonly stateDirectory: string;
  readonly variant: Variant;
  /** The client gives up what is revoked without asking, and tells of it late. */
  readonly withoutRebalanceCallback: boolean;
}

export type ToInstance = { readonly type: 'count' };

export type FromInstance =
  | { readonly type: 'state'; readonly state: ApplicationState }
  /** For good: it ran before, or no other try would end otherwise. It ends itself. */
  | { readonly type: 'failed'; readonly cause: string }
  /** What its own stores say, by key; of the tasks that it has. */
  | { readonly type: 'counts'; readonly counts: readonly (readonly [string, number])[] }
  /** All is closed, as it was asked to: how the process ends is of no interest any more. */
  | { readonly type: 'ended' }
  /** The stores cannot be read now. */
  | { readonly type: 'uncounted' };
