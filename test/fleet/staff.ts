/** Who works beside the shoppers: a supplier who sends feeds, an analyst who watches the live counts. */
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { offerOf, type ShopClient } from '../journey/shop-client.ts';
import type { Requests } from './requests.ts';

interface FeedReply {
  readonly id: string;
  readonly status: string;
  readonly accepted: number;
  readonly unchanged: number;
}

export interface StaffOptions {
  readonly url: string;
  readonly client: ShopClient;
  readonly requests: Requests;
  readonly fault: (what: string) => void;
}

const linesEach = 20;
const feedsEveryMs = 1_500;
const looksEveryMs = 200;
const feedWithinMs = 60_000;

/** A feed after the other, each until its report is complete. */
export async function sendFeeds(options: StaffOptions, stop: AbortSignal): Promise<void> {
  for (let number = 1; !stop.aborted; number++) {
    await sendFeed(options, number).catch(() => undefined);
    await delay(feedsEveryMs);
  }
}

async function sendFeed({ client, requests, fault }: StaffOptions, number: number): Promise<void> {
  const lines = Array.from({ length: linesEach }, (_, i) =>
    JSON.stringify(offerOf(`FLEET-FEED-${i}`, `Fleet tea ${i} of ${number}`)),
  );
  const headers = {
    'content-type': 'application/x-ndjson',
    authorization: `Bearer ${client.accessToken}`,
  };
  const path = '/v1/inbound/feeds';
  const sent = await requests.sent(`POST ${path}`, 202, () =>
    client.sendText('POST', path, `${lines.join('\n')}\n`, headers),
  );
  const { id } = JSON.parse(sent.body) as FeedReply;
  const untilMs = performance.now() + feedWithinMs;
  for (;;) {
    const feed = await requests.ask<FeedReply>(client, {
      method: 'GET',
      path: `${path}/${id}`,
      wants: 200,
    });
    if (feed.status === 'done' && feed.accepted + feed.unchanged === linesEach) return;
    if (performance.now() > untilMs)
      return fault(`feed ${number} is not done after ${feedWithinMs} ms: ${JSON.stringify(feed)}`);
    await delay(looksEveryMs);
  }
}

/** Counts come each second. */
const quietAtMostMs = 10_000;

/** As a browser's EventSource: a stream that ends in good order is opened again, one that breaks has failed. */
export async function watchCounts(options: StaffOptions, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const atMs = Date.now();
    const failure = await watchOnce(options, stop);
    // How long it was open says nothing of how fast it is.
    options.requests.note({ what: 'GET /v1/analytics/stream', atMs, tookMs: 0, failure });
    if (failure !== undefined) await delay(looksEveryMs);
  }
}

/** Answers why it failed; `undefined` when it ended as it should. */
function watchOnce({ url, client }: StaffOptions, stop: AbortSignal): Promise<string | undefined> {
  const headers = { authorization: `Bearer ${client.accessToken}` };
  return new Promise((resolve) => {
    const asked = get(`${url}/v1/analytics/stream`, { headers, agent: false }, (answer) => {
      if (answer.statusCode !== 200) {
        answer.resume();
        resolve(`answered ${answer.statusCode}`);
        return;
      }
      resolve(endOf(answer, stop));
    });
    asked.on('error', (error) => resolve(stop.aborted ? undefined : error.message));
    stop.addEventListener('abort', () => asked.destroy(), { once: true });
  });
}

function endOf(answer: IncomingMessage, stop: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const quiet = () => resolve(`nothing came for ${quietAtMostMs} ms`);
    let timer = setTimeout(quiet, quietAtMostMs);
    answer.on('data', () => {
      clearTimeout(timer);
      timer = setTimeout(quiet, quietAtMostMs);
    });
    answer.once('close', () => {
      clearTimeout(timer);
      resolve(answer.complete || stop.aborted ? undefined : 'the stream broke off');
    });
    answer.once('error', () => {}); // Told by `close`.
  });
}
