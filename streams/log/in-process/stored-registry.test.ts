import { registryContract } from '../../avro/registry-contract.ts';
import { memoryLog } from '../memory/memory-log.ts';

registryContract('the registry of a log in process', () => {
  const log = memoryLog();
  return { registry: log.schemaRegistry, close: () => log.close() };
});
