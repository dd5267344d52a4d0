/**
 * Joins a stream with a table, tested without a log: what TopologyTestDriver shows is what would be
 * written, with every partition, store and clock under the test's control.
 *
 *   node --import tsx examples/price-join.ts
 */
import { avro, type Decoded, StreamsBuilder, topic } from '#streams';
import { TopologyTestDriver } from '#streams/testing';

const { id, int, record } = avro;

const Sku = id('Sku');
type Sku = Decoded<typeof Sku>;
const Sale = record('Sale', { quantity: int });
const Price = record('Price', { paise: int });
const Revenue = record('Revenue', { paise: int });

const sales = topic('sales', { key: Sku, value: Sale });
const prices = topic('prices', { key: Sku, value: Price, cleanupPolicy: 'compact' });
const revenue = topic('revenue', { key: Sku, value: Revenue });

const builder = new StreamsBuilder();
builder
  .stream(sales)
  .join(builder.table(prices, 'price-table'), (sale, price) => ({
    paise: sale.quantity * price.paise,
  }))
  .to(revenue);
// builder.stream(sales).to(prices) does not compile: a sale is no price.

const driver = new TopologyTestDriver(builder.build());
const tea = 'TEA-250' as Sku;

driver.input(sales).pipe(tea, { quantity: 1 }); // No price yet: an inner join drops it.
driver.input(prices).pipe(tea, { paise: 19_900 });
driver.input(sales).pipe(tea, { quantity: 3 });

for (const { key, value } of driver.output(revenue).records())
  console.log(`${key}: ${value?.paise} paise`);
