/**
 * Runs in the page: what can be checked of accessibility by a program, which are names, ids,
 * headings, width, contrast, and the size of what is touched.
 */
import { contrastOf, edgeContrastOf } from './contrast.ts';

export function faultsInPage(): string[] {
  const faults = [
    ...nameless(),
    ...repeatedIds(),
    ...misshapen(),
    ...pale(),
    ...faintEdges(),
    ...smallTargets(),
  ];
  return [...new Set(faults)];
}

function nameless(): string[] {
  const named = [...document.querySelectorAll('a, button, input, select, [role="img"]')];
  const pictures = [...document.querySelectorAll('img:not([alt])')];
  return [
    ...named
      .filter((element) => isShown(element) && nameOf(element) === '')
      .map((element) => `${told(element)} has no name`),
    ...pictures.map((element) => `${told(element)} has no alt`),
  ];
}

function repeatedIds(): string[] {
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  return ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `id ${id} is used twice`);
}

function misshapen(): string[] {
  const faults: string[] = [];
  const count = (selector: string) =>
    [...document.querySelectorAll(selector)].filter(isShown).length;
  if (count('h1') !== 1) faults.push(`has ${count('h1')} h1`);
  if (count('main') !== 1) faults.push(`has ${count('main')} main`);
  if (document.documentElement.lang === '') faults.push('has no language');
  if (document.title.trim() === '') faults.push('has no title');
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth > clientWidth) faults.push(`is ${scrollWidth - clientWidth} px too wide`);
  return faults;
}

/** Exempt by WCAG: what is switched off, and what is a picture. The toast fades. */
const exempt = ':disabled, [aria-hidden="true"], .toast, svg, noscript';

function pale(): string[] {
  const faults: string[] = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const element = node.parentElement;
    if (element === null || (node.textContent ?? '').trim() === '' || !isShown(element)) continue;
    if (element.closest(exempt) !== null) continue;
    const { fontSize, fontWeight } = getComputedStyle(element);
    const size = Number.parseFloat(fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
    const contrast = contrastOf(element);
    if (contrast < (isLarge ? 3 : 4.5)) {
      faults.push(`${told(element)} has a contrast of ${contrast.toFixed(2)} only`);
    }
  }
  return faults;
}

/** The frame of a field tells where to type. @see WCAG 2.2, 1.4.11 */
function faintEdges(): string[] {
  const fields = [...document.querySelectorAll('input, select')];
  return fields
    .filter((field) => isShown(field) && !field.matches('[type="radio"], [type="checkbox"]'))
    .map((field) => ({ field, contrast: edgeContrastOf(field) }))
    .filter(({ contrast }) => contrast < 3)
    .map(({ field, contrast }) => `${told(field)} has an edge of ${contrast.toFixed(2)} only`);
}

const leastTarget = 44;
const touched = 'a, button, input, select, [role="option"]';

/** Links within a line of text are as tall as the line. @see WCAG 2.2, 2.5.5 */
function smallTargets(): string[] {
  const faults: string[] = [];
  for (const element of document.querySelectorAll(touched)) {
    const target = element.closest('label') ?? element;
    if (!isShown(target) || !isShown(element)) continue;
    if (getComputedStyle(target).display === 'inline' || target.closest('.skip')) continue;
    const { width, height } = target.getBoundingClientRect();
    // Half a pixel is lost to rounding.
    if (Math.min(width, height) > leastTarget - 0.5) continue;
    faults.push(`${told(element)} is ${Math.round(width)} × ${Math.round(height)} px`);
  }
  return faults;
}

function isShown(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect();
  return width > 1 && height > 1 && getComputedStyle(element).visibility === 'visible';
}

function nameOf(element: Element): string {
  const labelledBy = element.getAttribute('aria-labelledby');
  const labels = [...((element as HTMLInputElement).labels ?? [])];
  const texts = [
    element.getAttribute('aria-label'),
    labelledBy === null ? '' : document.getElementById(labelledBy)?.textContent,
    ...labels.map((label) => label.textContent),
    element.matches('input, select') ? '' : element.textContent,
  ];
  return texts.join('').trim();
}

function told(element: Element): string {
  const name = element.tagName.toLowerCase();
  return `${name}.${element.getAttribute('class') ?? ''} "${nameOf(element).slice(0, 40)}"`;
}
