/** `millrace run`: the whole shop in this process, until it is asked to end. */
import { type Command, parseWords, UsageError } from '../command.ts';
import { readConfiguration, secretsIn } from '../configuration.ts';
import { openShop } from '../run/shop.ts';

/** After this the process ends whatever still hangs; what was acknowledged is durable anyway. */
const closeWithinMs = 20_000;
/** When all is closed, nothing is left to be waited for. */
const leftoversWithinMs = 2_000;

export const run: Command = {
  summary: 'runs the shop',
  usage: `millrace run [--profile embedded|cluster]

Serves HTTP on HOST:PORT (127.0.0.1:8080), keeps everything durable under MILLRACE_DATA (./data);
in the cluster profile the log is in Kafka (MILLRACE_KAFKA) and the schemas in MILLRACE_REGISTRY.
Ends on SIGTERM or SIGINT: answers what it has taken, commits, closes. See README.md for the
variables.`,

  async run(words, { environment, out, error, signal }) {
    const { positionals } = parseWords(words, {});
    if (positionals.length > 0)
      throw new UsageError('the shop runs every role in one process: give no role');
    const configuration = readConfiguration(environment);
    const secrets = secretsIn(configuration.dataDirectory, environment);
    const options = { configuration, secrets, progress: out, warn: error, signal };
    const shop = await openShop(options).catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
      return undefined; // Asked to end during the start: whatever broke then is of no interest.
    });
    if (!shop) return 0;
    try {
      await shop.failedOr(signal);
      out('ending: no new requests, commits what is done');
      return 0;
    } finally {
      const endByForce = (part: string | undefined) => {
        error(`not closed in time (${part} is not): ending anyway`);
        // `process.exit` would wait for a call that Kafka's client has forgotten.
        process.kill(process.pid, 'SIGKILL');
      };
      setTimeout(() => endByForce(shop.closing), closeWithinMs).unref();
      await shop.close();
      setTimeout(() => endByForce("a call of Kafka's client"), leftoversWithinMs).unref();
    }
  },
};
