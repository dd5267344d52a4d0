/** Tests against real servers, `*.integration.test.ts`: one Kafka and one registry for all of them. */
import alone from './jest.config.js';

export default {
  ...alone,
  testMatch: ['**/*.integration.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/data/'],
  globalSetup: './test/servers/jest/start-servers.ts',
  globalTeardown: './test/servers/jest/stop-servers.ts',
  // A cluster of three starts, loses a node and gets it back, on two cores that do other things too.
  testTimeout: 240_000,
  maxWorkers: 1,
};
