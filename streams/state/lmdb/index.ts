export type { DamagedState, LocalStateStorage, LocalTaskStorage } from '../local-state.ts';
export { type LocalStateOptions, openLocalState } from './open-local-state.ts';
