/**
 * Replies: what was decided on a command. A decider writes exactly one for each command id, in the
 * same commit as the effect; a repeated command gets the same reply again.
 *
 * `version` is the version of the state that holds the effect: a view that has reached it shows it.
 */
import { avro, type Decoded, topic } from '#streams';

const { array, enumeration, id, long, map, nullable, record, string } = avro;

export const CommandId = id('CommandId');
export type CommandId = Decoded<typeof CommandId>;

export const CommandReply = record('CommandReply', {
  commandId: CommandId,
  outcome: enumeration('Outcome', ['accepted', 'rejected']),
  /** Version of the state after the decision; 0 when there is no state. */
  version: long,
  /** A stable code in kebab-case when rejected, for instance `out-of-stock`; else `null`. */
  code: nullable(string),
  /** One sentence for people when rejected; else `null`. */
  message: nullable(string),
  /** The parts that failed, for instance a line of an order: field names to values. */
  details: array(map(string)),
});
export interface CommandReply extends Decoded<typeof CommandReply> {}

/** Keyed by the key of the command, so that replies on one key keep their order. */
export const commandReplies = topic('commands.replies', {
  key: string,
  value: CommandReply,
  retentionMs: 3_600_000,
});
