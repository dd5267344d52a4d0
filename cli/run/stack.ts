/**
 * What was opened, closed in the reverse order: a part may use what was opened before it until it
 * is closed itself. One that fails to close is told and does not keep the others open.
 */
export class Stack {
  #closing: string | undefined;
  readonly #opened: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];

  push<T>(name: string, opened: T, close: (opened: T) => Promise<void> | void): T {
    this.#opened.push({ name, close: () => close(opened) });
    return opened;
  }

  /** What is being closed now. */
  get closing(): string | undefined {
    return this.#closing;
  }

  async close(onError: (name: string, error: unknown) => void): Promise<void> {
    for (const { name, close } of this.#opened.splice(0).reverse()) {
      this.#closing = name;
      try {
        await close();
      } catch (error) {
        onError(name, error);
      }
    }
    this.#closing = undefined;
  }
}
