/**
 * Feeds as CSV (RFC 4180) with a header: `sku,title,description,brand,category,priceAmount,currency,
 * weightGrams,cashOnDelivery,imageUrl` and any `attribute.<name>`. Prices are whole minor units.
 */
import { pipeline, Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { FeedFault } from './feed-fault.ts';
import { type FeedLine, offerLine, rejectedLine } from './feed-lines.ts';
import { maxLineBytes } from './line-splitter.ts';

const required = ['sku', 'title', 'priceAmount', 'currency', 'weightGrams'];
const known = new Set([
  ...required,
  'description',
  'brand',
  'category',
  'cashOnDelivery',
  'imageUrl',
]);
const attributePrefix = 'attribute.';
/** What the parser puts where the bytes were not UTF-8. */
const replacement = '\ufffd';

interface ParsedRecord {
  readonly record: readonly string[];
  readonly raw: string;
}

/** @throws FeedFault when the header or the quoting cannot be made out */
export async function* csvFeed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<FeedLine> {
  const parser = parse({
    bom: true,
    raw: true,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: maxLineBytes,
  });
  // Its errors come out where the records are read; the callback keeps them from being unhandled.
  pipeline(Readable.from(chunks, { objectMode: false }), parser, () => {});
  let columns: readonly string[] | undefined;
  // The parser's own count takes a line break in a quoted field for two.
  let nextLine = 1;
  try {
    for await (const { record, raw } of parser as AsyncIterable<ParsedRecord>) {
      const text = raw.replace(/^[\r\n]+/, '').replace(/\r?\n?$/, '');
      const line = nextLine + lineBreaks(raw.slice(0, raw.indexOf(text)));
      nextLine = line + lineBreaks(text) + 1;
      if (columns === undefined) columns = columnsOf(record);
      else yield lineOf(columns, record, { line, text });
    }
  } catch (error) {
    throw isCsvError(error) ? new FeedFault(`the CSV cannot be read: ${error.message}`) : error;
  } finally {
    parser.destroy();
  }
}

function columnsOf(header: readonly string[]): readonly string[] {
  const columns = header.map((name) => name.trim());
  const missing = required.filter((name) => !columns.includes(name));
  const strange = columns.filter((name) => !known.has(name) && !name.startsWith(attributePrefix));
  const twice = columns.filter((name, index) => columns.indexOf(name) !== index);
  const faults = [
    ...missing.map((name) => `the column ${name} is missing`),
    ...strange.map((name) => `'${name.slice(0, 100)}' is not a known column`),
    ...twice.map((name) => `the column ${name.slice(0, 100)} is there twice`),
  ];
  if (faults.length > 0) throw new FeedFault(`the header of the CSV: ${faults.join('; ')}`);
  return columns;
}

function lineBreaks(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}

function lineOf(
  columns: readonly string[],
  record: readonly string[],
  { line, text }: { readonly line: number; readonly text: string },
): FeedLine {
  if (record.length !== columns.length) {
    const reason = `the line has ${record.length} fields, the header ${columns.length}`;
    return rejectedLine(line, [reason], text);
  }
  if (record.some((field) => field.includes(replacement))) {
    return rejectedLine(line, ['the line is not UTF-8: encode the feed as UTF-8'], text);
  }
  return offerLine(line, inputOf(columns, record), text);
}

/** As the same offer would be in JSON. An empty field is one that was left out. */
function inputOf(columns: readonly string[], record: readonly string[]): Record<string, unknown> {
  const given = columns.flatMap((name, index): [string, string][] => {
    const value = record[index] ?? '';
    return value === '' ? [] : [[name, value]];
  });
  const isAttribute = ([name]: [string, string]) => name.startsWith(attributePrefix);
  const attributes = given
    .filter(isAttribute)
    .map(([name, value]) => [name.slice(attributePrefix.length), value]);
  const { priceAmount, currency, weightGrams, cashOnDelivery, ...fields } = Object.fromEntries(
    given.filter((entry) => !isAttribute(entry)),
  );
  return {
    ...fields,
    ...(attributes.length > 0 ? { attributes: Object.fromEntries(attributes) } : {}),
    ...(priceAmount || currency ? { price: { amount: wholeNumber(priceAmount), currency } } : {}),
    ...(weightGrams === undefined ? {} : { weightGrams: wholeNumber(weightGrams) }),
    ...(cashOnDelivery === undefined ? {} : { cashOnDelivery: truth(cashOnDelivery) }),
  };
}

/** What is no number stays as it is: the check of the offer then says so. */
function wholeNumber(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\s*-?\d{1,15}\s*$/.test(text) ? Number(text) : text;
}

function truth(text: string): boolean | string {
  const lower = text.trim().toLowerCase();
  if (lower === 'true') return true;
  return lower === 'false' ? false : text;
}

function isCsvError(error: unknown): error is CsvError {
  return error instanceof Error && String((error as { code?: unknown }).code).startsWith('CSV_');
}
