/** Reports of suppliers' feeds. Fed by `inbound.feed-reports`. */
import type { FeedReport } from '#schemas/inbound';
import type { FeedId } from '#schemas/items';
import type { ViewReader, ViewWriter } from './view.ts';

export interface FeedsView extends ViewReader {
  get(id: FeedId): Promise<FeedReport | undefined>;
}

export interface FeedsWriter extends ViewWriter<FeedId, FeedReport> {}
