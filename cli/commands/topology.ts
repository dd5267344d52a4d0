/** `millrace topology`: prints a topology, as Kafka Streams' `Topology#describe` does. */
import { type Command, parseWords, UsageError } from '../command.ts';
import { readConfiguration } from '../configuration.ts';
import { shopTopologies } from '../run/topologies.ts';

export const topology: Command = {
  summary: 'prints the topologies of the shop',
  usage: 'millrace topology [name]\n\nWithout a name it lists them all, one after the other.',

  async run(words, { environment, out }) {
    const { positionals } = parseWords(words, {});
    const topologies = shopTopologies(readConfiguration(environment));
    const [name, ...more] = positionals;
    if (more.length > 0) throw new UsageError('give at most one topology');
    if (name !== undefined && !topologies.has(name))
      throw new UsageError(`no topology '${name}': there are ${[...topologies.keys()].join(', ')}`);
    for (const [id, found] of topologies) {
      if (name !== undefined && id !== name) continue;
      if (name === undefined) out(`# ${id}`);
      out(found.describe());
    }
    return 0;
  },
};
