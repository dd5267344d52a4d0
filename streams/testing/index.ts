export { type Input, input, type Scenario, scenario, tombstone } from './scenario.ts';
export {
  type DriverInput,
  type DriverOutput,
  type DriverRecord,
  type DriverStore,
  type PipeOptions,
  TopologyTestDriver,
  type TopologyTestDriverOptions,
} from './topology-test-driver.ts';
