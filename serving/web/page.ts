/** The HTML that the browser gets first: no script and no style inline, so the policy can be strict. */
import type { Bundle, PageName } from './bundle.ts';

/**
 * Only our own files, and nothing inline. `data:` pictures and item pictures over https are the
 * one thing that may come from elsewhere, since suppliers give addresses of them.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: https:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const titles: Readonly<Record<PageName, string>> = {
  storefront: 'Millrace',
  dashboard: 'Millrace · Dashboard',
};

export function pageHtml(name: PageName, { pages }: Bundle): string {
  const { script, style } = pages[name];
  return `<!doctype html>
<html lang="en-IN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#f5f1e8" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#10191a" media="(prefers-color-scheme: dark)">
<meta name="description" content="A shop that tells you, for every item, the day it reaches you.">
<title>${titles[name]}</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/${style}">
<script type="module" src="/assets/${script}"></script>
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript. The shop itself is an API, described at
<a href="/openapi.json">/openapi.json</a>.</noscript>
</body>
</html>
`;
}

/** The mill wheel over its race: the icon of the tab. */
export const markSvg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="8" fill="#0d4f52"/>
<g fill="none" stroke="#f5f1e8" stroke-width="2" stroke-linecap="round">
<circle cx="16" cy="13" r="7"/><path d="M16 6v14M9 13h14M11 8l10 10M21 8L11 18"/>
<path stroke="#f0b44a" d="M4 25c3-3 5-3 8 0s5 3 8 0 5-3 8 0"/></g></svg>
`;
