/** What the tests against a real server share. */
import type { ViewsUnderTest } from './views-under-test.ts';

/** A server as tests need it, wherever it comes from. */
export interface ServerUnderTest {
  readonly port: number;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Between a client and the server; can hold up what passes. */
export interface NetworkProxy {
  readonly port: number;
  hang(): void;
  goOn(): void;
  cut(): void;
  close(): Promise<void>;
}

/** Server and views are there once the tests run. */
export interface TestTools {
  readonly server: () => ServerUnderTest;
  readonly under: () => ViewsUnderTest;
  readonly openProxy: () => Promise<NetworkProxy>;
}
