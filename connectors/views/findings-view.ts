/** Findings of reconciliation. Fed by `reconciliation.findings`. */
import type { Finding, FindingId } from '#schemas/reconciliation';
import type { Page, PageRequest, ViewReader, ViewWriter } from './view.ts';

export interface FindingsView extends ViewReader {
  /** Newest first; `open` leaves out what has been resolved. */
  list(page: PageRequest & { readonly open: boolean }): Promise<Page<Finding>>;
  openCount(): Promise<number>;
}

export interface FindingsWriter extends ViewWriter<FindingId, Finding> {}
