/** The states of an application, those who wait for one of them, and who is told. */
import { StreamsError } from '../errors.ts';

/** `error` and `closed` are final; the others come and go with rebalances. */
export type ApplicationState = 'created' | 'restoring' | 'running' | 'error' | 'closed';

export class ApplicationLifecycle {
  readonly #changed: (state: ApplicationState, cause?: unknown) => void;
  #state: ApplicationState = 'created';
  #cause: unknown;
  #waiting: { readonly resolve: () => void; readonly reject: (cause: unknown) => void }[] = [];

  constructor(changed: (state: ApplicationState, cause?: unknown) => void = () => {}) {
    this.#changed = changed;
  }

  get state(): ApplicationState {
    return this.#state;
  }

  /** Why the state is `error`. */
  get cause(): unknown {
    return this.#cause;
  }

  get hasEnded(): boolean {
    return this.#state === 'error' || this.#state === 'closed';
  }

  /** @throws StreamsError `STREAMS_CONFIG_INVALID` when it was begun before. */
  begin(): void {
    if (this.#state !== 'created') {
      throw new StreamsError('STREAMS_CONFIG_INVALID', `cannot start: the state is ${this.#state}`);
    }
    this.become('restoring');
  }

  /** Nothing leaves `error` and `closed`. */
  become(state: ApplicationState, cause?: unknown): void {
    if (this.hasEnded || this.#state === state) return;
    this.#state = state;
    this.#cause = cause;
    this.#tellWaiting();
    this.#changed(state, cause);
  }

  /** Resolves in `running`; rejects in `error`, with the cause, and in `closed`. */
  running(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#tellWaiting();
    });
  }

  #tellWaiting(): void {
    const state = this.#state;
    if (state === 'created' || state === 'restoring') return;
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (state === 'running') resolve();
      else reject(state === 'error' ? this.#cause : closedApplication());
    }
  }
}

function closedApplication(): StreamsError {
  return new StreamsError('STREAMS_CONFIG_INVALID', 'will not run: the state is closed');
}
