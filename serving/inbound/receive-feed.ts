/** Takes a feed in: each line becomes a command, made durable before the next ones are read. */
import { type FeedFact, feedFacts } from '#schemas/inbound';
import {
  type FeedId,
  type ItemCommand,
  type ItemId,
  itemCommands,
  itemIdOf,
  type SupplierId,
} from '#schemas/items';
import { commandId } from '../command-ids.ts';
import type { Dependencies } from '../dependencies.ts';
import { Problem, problem } from '../problem.ts';
import type { TopicEntry } from '../topic-writer.ts';
import { csvFeed } from './csv-feed.ts';
import { FeedFault } from './feed-fault.ts';
import type { FeedInput } from './feed-input.ts';
import type { FeedLine } from './feed-lines.ts';
import { ndjsonFeed } from './ndjson-feed.ts';

export type ReceivingPorts = Pick<Dependencies, 'commands' | 'facts' | 'clock'>;

export interface Feed {
  readonly id: FeedId;
  readonly supplierId: SupplierId;
  readonly format: 'ndjson' | 'csv';
  readonly input: FeedInput;
}

/**
 * Answers how many records there were, when all of them are durable. What was read before a feed
 * broke off stays: the report says so.
 *
 * @throws Problem `feed-unreadable` or `log-unavailable`
 */
export async function receiveFeed(ports: ReceivingPorts, feed: Feed): Promise<number> {
  const { commands, facts, clock } = ports;
  const tell = (fact: FeedFact): Promise<void> => facts.publish(feedFacts, feed.id, fact);
  const { supplierId, format, input } = feed;
  await tell({ type: 'FeedStarted', supplierId, format, at: clock.nowMs() });

  const read = { records: 0 };
  const ended = (error: string | null): Promise<void> => {
    const { records } = read;
    const at = clock.nowMs();
    return tell({ type: 'FeedEnded', records, bytes: input.bytes, error, at });
  };
  try {
    await commands.submitAll(itemCommands, entriesOf(feed, read));
  } catch (error) {
    await ended(reasonOf(error));
    if (!(error instanceof FeedFault)) throw error;
    const detail = `${error.message}; what came before it was taken, see the report`;
    throw problem('feed-unreadable', detail, { extras: { id: feed.id, records: read.records } });
  }
  await ended(null);
  return read.records;
}

async function* entriesOf(
  feed: Feed,
  read: { records: number },
): AsyncGenerator<TopicEntry<ItemId, ItemCommand>> {
  const { chunks } = feed.input;
  const lines = feed.format === 'csv' ? csvFeed(chunks) : ndjsonFeed(chunks);
  for await (const line of lines) {
    read.records += 1;
    yield entryOf(feed, line);
  }
}

function entryOf({ id, supplierId }: Feed, line: FeedLine): TopicEntry<ItemId, ItemCommand> {
  const source = { feedId: id, line: line.line };
  const from = { commandId: commandId(id, String(line.line)), supplierId, source };
  if ('offer' in line) {
    const { offer } = line;
    return { key: itemIdOf(offer.sku), value: { type: 'OfferItem', ...from, offer } };
  }
  const key = `${id}:${line.line}` as ItemId;
  const { reasons, raw } = line;
  return { key, value: { type: 'RejectLine', ...from, reasons, raw } };
}

function reasonOf(error: unknown): string {
  if (error instanceof FeedFault || error instanceof Problem) return error.message;
  return 'the shop could not go on reading';
}
