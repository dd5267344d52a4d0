/** Chromium, as Debian installs it, driven by playwright-core. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** CHROMIUM names another one. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** In a container, without a graphics card, and without asking anybody on the network. */
const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const phone = { width: 390, height: 844 } as const;
export const desktop = { width: 1440, height: 900 } as const;

/** @throws Error if there is no chromium: a suite that cannot run has failed. */
export async function openBrowser(): Promise<Browser> {
  if (!existsSync(executablePath)) {
    throw new Error(
      `no browser at ${executablePath}: apt-get install chromium, or set CHROMIUM to its path`,
    );
  }
  return chromium.launch({ executablePath, args: switches, headless: true });
}

export interface Window {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page complained of: errors, warnings, breaches of the content security policy. */
  readonly complaints: string[];
}

export interface WindowOptions {
  readonly baseUrl: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
}

export async function openWindow(browser: Browser, options: WindowOptions): Promise<Window> {
  const { baseUrl: baseURL, viewport = desktop, colorScheme = 'light' } = options;
  const context = await browser.newContext({ baseURL, viewport: { ...viewport }, colorScheme });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)));
  page.on('console', (message) => {
    const isTold = ['error', 'warning'].includes(message.type());
    // The browser notes each refusal of the API; the page shows it to the shopper itself.
    const isRefusal = /status of 4\d\d/.test(message.text());
    if (isTold && !isRefusal) complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(baseURL)) complaints.push(`asked ${request.url()}`);
  });
  return { page, context, complaints };
}
