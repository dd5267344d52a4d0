/** `millrace run`: the whole shop in this process, until it is asked to end. */
import { type Command, parseWords, UsageError } from '../command.ts';
import { readConfiguration, secretsIn } from '../configuration.ts';
import { rolesOf } from '../run/roles.ts';
import { openShop } from '../run/shop.ts';
import { sinkNames } from '../run/sinks.ts';
import { topologyNames } from '../run/topologies.ts';

/** After this the process ends whatever still hangs; what was acknowledged is durable anyway. */
const closeWithinMs = 20_000;
/** When all is closed, nothing is left to be waited for. */
const leftoversWithinMs = 2_000;

export const run: Command = {
  summary: 'runs the shop',
  usage: `millrace run [role…] [--profile embedded|cluster]

Without a role: the whole shop in this process. Serves HTTP on HOST:PORT (127.0.0.1:8080), keeps
everything durable under MILLRACE_DATA (./data). In the cluster profile the log is in Kafka, the
schemas in a registry, the views in databases, and a process may play some roles only:

  serving             the shop's HTTP services
  inbound             suppliers' feeds alone
  topologies, or one  ${topologyNames.join(', ')}
  sinks, or one       ${sinkNames.map((name) => `${name}-sink`).join(', ')}
  outbox              what users did, from their store to the log
  sandbox             the payment gateway of who has none yet; one process
  batch               the lake and the jobs over it; one process

As many processes of the others as you like, each with a MILLRACE_DATA of its own. Every process answers
/healthz, /readyz and /metrics. Ends on SIGTERM or SIGINT: says for MILLRACE_DRAIN_MS that it is not ready,
answers what it has taken, commits, closes. See README.md for the variables.`,

  async run(words, { environment, out, error, signal }) {
    const { positionals } = parseWords(words, {});
    const configuration = readConfiguration(environment);
    const roles = rolesOf(positionals, { topologies: topologyNames, sinks: sinkNames });
    if (!roles.isWholeShop && configuration.cluster?.stores === undefined)
      throw new UsageError(
        'one process has the whole shop where log or views are files in its directory: give no ' +
          'role, or --profile cluster',
      );
    const secrets = secretsIn(configuration.dataDirectory, environment);
    const options = { configuration, secrets, roles, progress: out, warn: error, signal };
    const shop = await openShop(options).catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
      return undefined; // Asked to end during the start: whatever broke then is of no interest.
    });
    if (!shop) return 0;
    try {
      await shop.failedOr(signal);
      await shop.drain();
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
