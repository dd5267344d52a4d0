/** Why a feed could not be read to its end. */
export class FeedFault extends Error {
  override readonly name = 'FeedFault';
}
