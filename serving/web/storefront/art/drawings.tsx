/**
 * Our own drawings, one for each kind of goods: a plain shape, an accent on it, and lines over both.
 * Colours come from the style sheet, so they follow the paper and the dark.
 */
import type { VNode } from 'preact';
import { type Shape, shapes } from './shapes.ts';

/** The first that fits a category path, most special first; the last fits everything. */
const kinds: readonly (readonly [RegExp, keyof typeof shapes])[] = [
  [/Coffee/, 'mug'],
  [/Tea/, 'cup'],
  [/Rice|Lentils/, 'sack'],
  [/Spices|Honey|Snacks/, 'jar'],
  [/oil/i, 'bottle'],
  [/Headphones|Earphones/, 'headphones'],
  [/Speakers/, 'speaker'],
  [/Smartphones|Mobile/, 'phone'],
  [/Computers/, 'laptop'],
  [/Cameras/, 'camera'],
  [/Women/, 'dress'],
  [/Footwear/, 'shoe'],
  [/Bags/, 'backpack'],
  [/^Clothing/, 'shirt'],
  [/^Books/, 'book'],
  [/Bedding|Furnishing/, 'cushion'],
  [/Lighting/, 'lamp'],
  [/Decor/, 'vase'],
  [/Cleaning/, 'bottle'],
  [/Bottles/, 'flask'],
  [/^Home/, 'basket'],
  [/Cookware|Tools and care/, 'pan'],
  [/Appliances/, 'kettle'],
  [/^Kitchen/, 'bowl'],
  [/Make-up/, 'lipstick'],
  [/Fragrance/, 'perfume'],
  [/^Beauty/, 'pump'],
  [/Soft toys/, 'bear'],
  [/Outdoor\/Ride/, 'kite'],
  [/^Toys/, 'blocks'],
  [/Cricket/, 'cricket'],
  [/Trekking/, 'tent'],
  [/Racket/, 'racket'],
  [/^Sports/, 'weights'],
  [/Writing|Art/, 'pen'],
  [/^Stationery/, 'notebook'],
  [/^Garden/, 'plant'],
  [/Fish/, 'fish'],
  [/^Pets/, 'paw'],
  [/./, 'parcel'],
];

export function drawingOf(category: string): VNode {
  const [, name] = kinds.find(([pattern]) => pattern.test(category)) ?? [/./, 'parcel' as const];
  return <Drawing shape={shapes[name]} />;
}

function Drawing({ shape }: { readonly shape: Shape }) {
  return (
    <svg class="drawing" viewBox="0 0 96 96" aria-hidden="true">
      <path class="drawing-plain" d={shape.plain} />
      <path class="drawing-accent" d={shape.accent} />
      <path class="drawing-lines" d={shape.lines} />
    </svg>
  );
}

/** The shop's own landscape: hills, the mill, its wheel, and the race that drives it. */
export function MillScene() {
  return (
    <svg class="scene" viewBox="0 0 480 260" aria-hidden="true">
      <circle class="scene-sun" cx="368" cy="70" r="34" />
      <path
        class="scene-far"
        d="M0 168c60-52 104-60 158-20 40-44 92-62 150-14 54-34 110-30 172 22v104H0Z"
      />
      <path class="scene-near" d="M0 206c88-42 150-34 232-8 90-30 170-22 248 6v56H0Z" />
      <path class="scene-wall" d="M190 122h96v82h-96z" />
      <path class="scene-roof" d="m178 126 60-46 60 46Z" />
      <path
        class="scene-door"
        d="M226 204v-34a12 12 0 0 1 24 0v34ZM204 140h16v16h-16zM256 140h16v16h-16z"
      />
      <g class="scene-wheel">
        <circle cx="310" cy="176" r="38" />
        <circle cx="310" cy="176" r="27" />
        <path d="M310 138v76M272 176h76M283 149l54 54M337 149l-54 54" />
      </g>
      <path
        class="scene-race"
        d="M0 222c40-14 80-14 120 0s80 14 120 0 80-14 120 0 80 14 120 0v38H0Z"
      />
      <path
        class="scene-wave"
        d="M20 238c24-9 48-9 72 0M150 246c24-9 48-9 72 0M300 240c24-9 48-9 72 0M404 248c18-7 36-7 54 0"
      />
    </svg>
  );
}
