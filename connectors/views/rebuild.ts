/** How a view is built anew from the log beside the live one, while the shop runs. */
import type { ViewWriter } from './view.ts';

/** A copy that nobody reads yet. */
export interface ViewCopy<Writers> {
  /** Empty at first, and without positions: whoever feeds them begins where the log does. */
  readonly writers: Writers;
  /**
   * Makes the copy the live view in one step. No read fails meanwhile, of this process or another;
   * the sink of the live view goes on from the positions of the copy, by `SINK_GAP` if it is ahead.
   */
  switchOver(): Promise<void>;
  /** Drops the copy; the live view stays as it is. */
  abandon(): Promise<void>;
}

/** A view that can be built anew. */
export interface Rebuildable<Writers> {
  /** Begins a copy. One that was left behind by a process that died is dropped first. */
  beginCopy(): Promise<ViewCopy<Writers>>;
  /**
   * Whether what the live view is kept in has gone, as a whole or in part, so that no sink can mend it:
   * it has to be built anew. Absent where rows and positions can only go together.
   */
  isLost?(): Promise<boolean>;
}

/** The one writer of a view that one topic feeds. */
export interface OneWriter<K, V> {
  readonly writer: ViewWriter<K, V>;
}
