/** What the people who run the shop ask of a process: the port behind the operations routes. */

export interface Readiness {
  /** What it is about, for instance `view items`. */
  readonly name: string;
  readonly ready: boolean;
  /** Why not yet, in a sentence; empty when it is. */
  readonly detail: string;
}

export interface Operations {
  readiness(): Promise<readonly Readiness[]>;
  /** In Prometheus' text format. */
  metrics(): Promise<string>;
  /** Every topology of this process, as `describe()` prints it. */
  topology(): string;
}
