/** Feeds of JSON, one offer a line. Blank lines do not count. */
import { type FeedLine, offerLine, rejectedLine } from './feed-lines.ts';
import { lines } from './line-splitter.ts';

export async function* ndjsonFeed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<FeedLine> {
  for await (const { number, text, fault } of lines(chunks)) {
    if (fault !== undefined) yield rejectedLine(number, [fault], text);
    else if (text.trim() !== '') yield jsonOffer(number, text);
  }
}

function jsonOffer(line: number, text: string): FeedLine {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return rejectedLine(line, [`the line is not JSON: ${why}`], text);
  }
  return offerLine(line, input, text);
}
