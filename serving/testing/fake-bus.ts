/** A command bus that decides at once, by the functions it is given. */
import type { CommandId, CommandReply } from '#schemas/replies';
import type { Topic } from '#streams';
import type { CommandBus } from '../command-bus.ts';
import { problem } from '../problem.ts';
import {
  type Decider,
  decideCart,
  decideInventory,
  decideItem,
  decideWishlist,
} from './fake-deciders.ts';
import { decideOrder } from './fake-orders.ts';
import type { FakeViews } from './fake-views.ts';

export interface SentCommand {
  readonly topic: string;
  readonly key: string;
  readonly command: { readonly type: string; readonly commandId?: CommandId };
}

export interface FakeBus extends CommandBus {
  /** Everything that was sent, in order. */
  readonly sent: SentCommand[];
  /** `away`: the log takes nothing; `silent`: nobody decides. */
  mode: 'deciding' | 'silent' | 'away';
}

export function fakeBus({ tables }: FakeViews, nowMs: () => number): FakeBus {
  const replies = new Map<CommandId, CommandReply>();
  const deciders: Record<string, Decider> = {
    'carts.commands': decideCart(tables, nowMs),
    'items.commands': decideItem(tables, nowMs),
    'inventory.commands': decideInventory(tables, nowMs),
    'orders.commands': decideOrder(tables, nowMs),
    'wishlists.commands': decideWishlist(tables, nowMs),
  };

  const bus: FakeBus = {
    sent: [],
    mode: 'deciding',
    async send(topic, key, command) {
      await bus.submit(topic, key, command);
      if (bus.mode === 'silent') throw problem('not-decided-in-time', 'nobody decides');
      const reply = replies.get(command.commandId);
      if (!reply) throw new Error(`no fake decider for '${topic.name}'`);
      return reply;
    },
    async submit<K, V>(topic: Topic<K, V>, key: K, command: V) {
      if (bus.mode === 'away') throw problem('log-unavailable', 'the log is away');
      const sent = { topic: topic.name, key: String(key), command } as unknown as SentCommand;
      bus.sent.push(sent);
      const { commandId } = sent.command;
      const decide = deciders[topic.name];
      if (!decide || commandId === undefined || replies.has(commandId)) return;
      replies.set(commandId, { commandId, ...decide(sent.key, command) });
    },
    async submitAll(topic, commands) {
      let count = 0;
      for await (const { key, value } of commands) {
        if (value !== null) await bus.submit(topic, key, value);
        count += 1;
      }
      return count;
    },
    close: async () => {},
  };
  return bus;
}
