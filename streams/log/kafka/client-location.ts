/**
 * Finds the Kafka client. It is native code that most who use Millrace never need, so it is no
 * dependency of ours: `npm run kafka:install` puts it into `client/`, beside this file.
 */
import { createRequire } from 'node:module';
import { StreamsError } from '../../errors.ts';

const packageName = '@confluentinc/kafka-javascript';
const remedy = 'run `npm run kafka:install`';

/** An application that depends on the client itself uses its own. */
const places: readonly URL[] = [
  new URL(import.meta.url),
  new URL('./client/package.json', import.meta.url),
];

/**
 * The client's module, untyped: its types are only there when it is. It loads in a process's main
 * thread only.
 *
 * @param from files from whose folders it is looked for, in this order; for tests
 * @throws StreamsError `STREAMS_CLIENT_MISSING` when it is nowhere, or is there and does not load:
 * it was made for another version of Node, or a library of the system is missing.
 */
export function loadKafkaClient(from: readonly URL[] = places): unknown {
  for (const place of from) {
    const require = createRequire(place);
    const path = found(require);
    if (path === undefined) continue;
    try {
      return require(path);
    } catch (cause) {
      throw new StreamsError(
        'STREAMS_CLIENT_MISSING',
        `the Kafka client at ${path} does not load with Node ${process.version}: ${remedy}`,
        { cause },
      );
    }
  }
  throw new StreamsError('STREAMS_CLIENT_MISSING', `no Kafka client is installed: ${remedy}`);
}

function found(require: NodeJS.Require): string | undefined {
  try {
    return require.resolve(packageName);
  } catch {
    return undefined;
  }
}
