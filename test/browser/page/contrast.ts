/** Runs in the page: the contrast of a text to the paper under it. @see WCAG 2.2, 1.4.3 */
type Colour = readonly [red: number, green: number, blue: number, alpha: number];

const white: Colour = [255, 255, 255, 1];

export function contrastOf(element: Element): number {
  const ink = lightOf(colourOf(getComputedStyle(element).color));
  const paper = lightOf(paperUnder(element));
  return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
}

/** Of the nearest frame around a field to what lies outside of it. */
export function edgeContrastOf(field: Element): number {
  const framed = [field, field.parentElement].find(
    (each) => each && Number.parseFloat(getComputedStyle(each).borderTopWidth) > 0,
  );
  if (!framed?.parentElement) return 1;
  const edge = lightOf(colourOf(getComputedStyle(framed).borderTopColor));
  const paper = lightOf(paperUnder(framed.parentElement));
  return (Math.max(edge, paper) + 0.05) / (Math.min(edge, paper) + 0.05);
}

function paperUnder(element: Element): Colour {
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const colour = colourOf(getComputedStyle(at).backgroundColor);
    if (colour[3] > 0.99) return colour;
  }
  return white;
}

/** Computed colours are written `rgb(1, 2, 3)` or `rgba(1, 2, 3, 0.4)`. */
function colourOf(text: string): Colour {
  const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue, alpha];
}

function lightOf([red, green, blue]: Colour): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function linear(part: number): number {
  const share = part / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
