/**
 * When a key of a topic's partition was there and when it was not: the offsets at which it came to be
 * or ceased. With them the sink counts entries exactly, though its rows may already hold changes that
 * its position does not, of a batch that broke off or of another process that writes the same view.
 *
 * `flips` are in the order of the log: `offset + 1` of a change that made the key be, and its negative
 * of one that made it cease. They alternate, and begin with one that made it be, unless older ones
 * were forgotten.
 */
export type Flips = readonly bigint[];

/** The flips after further changes, in order, all of them after those that `flips` knows. */
export function flipsAfter(
  flips: Flips,
  changes: readonly { readonly offset: bigint; readonly isPresent: boolean }[],
): Flips {
  const after = [...flips];
  for (const { offset, isPresent } of changes) {
    const was = (after.at(-1) ?? -1n) > 0n;
    if (isPresent !== was) after.push(isPresent ? offset + 1n : -(offset + 1n));
  }
  return after;
}

/** Whether the key was there when every change below `nextOffset` had been applied, and no other. */
export function isPresentAt(flips: Flips, nextOffset: bigint): boolean {
  const last = flips.findLast((flip) => magnitude(flip) <= nextOffset);
  return (last ?? -1n) > 0n;
}

/** Without what nobody asks any more who stands at `position` or after it. */
export function flipsSince(flips: Flips, position: bigint): Flips {
  const last = flips.findLastIndex((flip) => magnitude(flip) <= position);
  return last > 0 ? flips.slice(last) : flips;
}

function magnitude(flip: bigint): bigint {
  return flip < 0n ? -flip : flip;
}
