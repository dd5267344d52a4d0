/**
 * Takes due payments and never ends with them, until it is killed.
 * Run by payment-deadlines.integration.test.ts: `crash-taker.ts <url> <namespace>`.
 */
import { openPaymentDeadlines } from './payment-deadlines.ts';

const [url = '', namespace = ''] = process.argv.slice(2);
const deadlines = await openPaymentDeadlines({ url, namespace, leaseMs: 500 });
deadlines.onDue(async (paymentId) => {
  process.send?.(paymentId);
  await new Promise(() => {});
});
