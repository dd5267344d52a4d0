export { type Input, input, type Scenario, scenario } from './scenario.ts';
