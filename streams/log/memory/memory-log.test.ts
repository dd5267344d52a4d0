import { logContract } from '../log-contract.ts';
import { memoryLog } from './memory-log.ts';

logContract('the memory log', { open: async (options) => memoryLog(options) });
