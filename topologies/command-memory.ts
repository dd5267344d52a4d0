/**
 * What a decider remembers of its last commands, so that a command that arrives twice has one effect
 * and gets one answer. The memory is bounded: a command that is repeated after `rememberedCommands`
 * others on the same key is taken for a new one. Services repeat within seconds, so that is far.
 */
import { type CommandId, CommandReply } from '#schemas/replies';
import { avro } from '#streams';

const rememberedCommands = 16;

/** Oldest first. */
export const CommandMemory = avro.array(CommandReply);
export type CommandMemory = readonly CommandReply[];

/** What was answered to this command; `undefined` when it is new. */
export function answerBefore(memory: CommandMemory, id: CommandId): CommandReply | undefined {
  return memory.find(({ commandId }) => commandId === id);
}

export function remember(memory: CommandMemory, reply: CommandReply): CommandMemory {
  return [...memory.slice(1 - rememberedCommands), reply];
}

export function accepted(
  commandId: CommandId,
  version: number,
  details: CommandReply['details'] = [],
): CommandReply {
  return { commandId, outcome: 'accepted', version, code: null, message: null, details };
}

export function rejected(
  commandId: CommandId,
  version: number,
  why: {
    readonly code: string;
    readonly message: string;
    readonly details?: CommandReply['details'];
  },
): CommandReply {
  const { code, message, details = [] } = why;
  return { commandId, outcome: 'rejected', version, code, message, details };
}
