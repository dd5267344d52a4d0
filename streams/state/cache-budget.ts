/** How much the updates may weigh that a thread holds back, over all of its tasks and their stores. */

export class CacheBudget {
  readonly maxBytes: number;
  usedBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get isExceeded(): boolean {
    return this.usedBytes > this.maxBytes;
  }
}
