import { localStateContract } from './local-state-contract.ts';
import { MemoryLocalState } from './memory-local-state.ts';

localStateContract('local state in memory', async () => {
  const storage = new MemoryLocalState();
  return { storage, reopen: async () => storage };
});
