/** `millrace demo`: the demo data, into a shop of many processes. */

import { topicWriter } from '../../serving/topic-writer.ts';
import { type Command, parseWords, UsageError } from '../command.ts';
import { readConfiguration } from '../configuration.ts';
import { openShopLog } from '../log/open-log.ts';
import { seedDemo } from '../run/seed-demo.ts';
import { openStores } from '../stores/open-stores.ts';

export const demo: Command = {
  summary: 'brings the demo data into a shop of many processes',
  usage: `millrace demo --profile cluster

Sends pincodes, warehouses, couriers, items and their stock to the shop at MILLRACE_SHOP_URL, where
MILLRACE_ADMIN_EMAIL signs in with MILLRACE_ADMIN_PASSWORD, and waits until all can be found. Does nothing when
there are as many items already. MILLRACE_DEMO_ITEMS says how many. The whole shop in one process needs it not.`,

  async run(words, { environment, out, error, signal }) {
    const { positionals } = parseWords(words, {});
    if (positionals.length > 0)
      throw new UsageError(`no word is wanted, and not '${positionals[0]}'`);
    const configuration = readConfiguration(environment);
    const { cluster, demo: wanted, shopUrl, admin } = configuration;
    if (cluster?.stores === undefined || shopUrl === undefined || admin === undefined)
      throw new UsageError(
        'give --profile cluster, MILLRACE_SHOP_URL, MILLRACE_ADMIN_EMAIL and MILLRACE_ADMIN_PASSWORD',
      );
    if (wanted === undefined) return 0;
    const warn = (message: string) => error(message);
    const { views, close } = await openStores({
      ...configuration,
      migrates: false,
      onTrouble: ({ message }) => warn(`stores: ${message}`),
    });
    try {
      if ((await views.search.reader.count()) >= wanted.items) {
        out('demo: it is there');
        return 0;
      }
      const opened = await openShopLog({ ...configuration, isAlone: false }, warn);
      try {
        await seedDemo({
          ...wanted,
          writer: topicWriter({ ...opened, clock: { nowMs: Date.now } }),
          views: {
            feeds: views.feeds.reader,
            search: views.search.reader,
            inventory: views.inventory.reader,
            serviceability: views.serviceability.reader,
          },
          url: shopUrl,
          accessToken: await signedIn(shopUrl, admin),
          caughtUp: async () => {},
          progress: out,
          signal,
        });
      } finally {
        await opened.close();
      }
      return 0;
    } finally {
      await close();
    }
  },
};

/** @throws Error with what the shop answered. */
async function signedIn(url: string, admin: { email: string; password: string }): Promise<string> {
  const answer = await fetch(`${url}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(admin),
  });
  if (!answer.ok) throw new Error(`the administrator cannot sign in: ${await answer.text()}`);
  return ((await answer.json()) as { accessToken: string }).accessToken;
}
