/**
 * Three instances that count exactly once on three brokers, and what can happen to them: kill -9,
 * freezes, rolling restarts, brokers that restart or die. Every input must be counted exactly once,
 * in the output, in the changelog and in the stores.
 */
import { readArguments } from '../arguments.ts';
import { inKafkaChaos } from './chaos.ts';
import { variantOf } from './variant.ts';

const options = readArguments(
  'Torments instances that count exactly once, and their brokers; every input must count once.',
  {
    minutes: { about: 'how long, in rounds of a minute', otherwise: 20 },
    seed: { about: 'replays the choices; the timing is the machine’s', otherwise: 1 },
  },
  {
    short: { about: 'one round, as in CI' },
    'without-rebalance-callback': {
      about: 'gives up tasks as a client without a rebalance callback does: this must fail',
    },
  },
);

const { seed } = options;
const variant = variantOf(seed);
console.log(`seed ${seed}: ${JSON.stringify(variant)}`);
const { passed, failed } = await inKafkaChaos({
  seed,
  variant,
  rounds: options.short ? 1 : Math.max(1, options.minutes),
  withoutRebalanceCallback: options['without-rebalance-callback'],
});
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
