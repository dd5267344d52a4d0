import unit from './jest.config.js';

/** The suites against real servers. */
export default {
  ...unit,
  testMatch: ['**/*.integration.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/data/'],
};
