/** `millrace topics`: every topic of the log, how it is kept and how much is in it. */
import { type Command, parseWords } from '../command.ts';
import { readConfiguration } from '../configuration.ts';
import { openLogForReading } from '../log/open-log.ts';

export const topics: Command = {
  summary: 'lists the topics of the log',
  usage: 'millrace topics\n\nName, partitions, clean-up policy, retention, and offsets handed out.',

  async run(words, { environment, out }) {
    parseWords(words, {});
    const { log, close } = await openLogForReading(readConfiguration(environment));
    try {
      const found = [...(await log.describeTopics())].sort((a, b) => (a.name < b.name ? -1 : 1));
      const width = Math.max(5, ...found.map(({ name }) => name.length));
      out(`${'topic'.padEnd(width)}  partitions  policy          retention  offsets`);
      for (const { name, partitions, cleanupPolicy, retentionMs, offsets } of found) {
        const written = offsets.reduce((sum, { beginning, end }) => sum + (end - beginning), 0n);
        const kept = retentionMs < 0 ? 'for ever' : `${Math.round(retentionMs / 3_600_000)} h`;
        out(
          `${name.padEnd(width)}  ${String(partitions).padStart(10)}  ${cleanupPolicy.padEnd(14)}  ${kept.padEnd(9)}  ${written}`,
        );
      }
      return 0;
    } finally {
      await close();
    }
  },
};
