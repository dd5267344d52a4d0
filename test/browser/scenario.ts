/** A scenario: one thing that a person does in the shop, told in one sentence. */
import type { Browser, Page } from 'playwright-core';

export interface Stage {
  readonly browser: Browser;
  /** Without a slash at its end: `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** Whoever may see the dashboard. */
  readonly admin: { readonly email: string; readonly password: string };
  /** Differs from run to run, so that e-mail addresses are new in a shop that is kept. */
  readonly run: string;
  /** Keeps a picture of the page under this name, when pictures are kept. */
  readonly picture: (name: string, page: Page) => Promise<void>;
}

export interface Scenario {
  readonly name: string;
  readonly play: (stage: Stage) => Promise<void>;
}
