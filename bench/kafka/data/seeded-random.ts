/** Numbers that are the same for the same seed, so that every run has the same data. @see xorshift */
export interface SeededRandom {
  /** A whole number in 0..below-1. */
  readonly below: (below: number) => number;
  /** A number in [0, 1). */
  readonly fraction: () => number;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed | 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const fraction = () => next() / 0x1_0000_0000;
  return { fraction, below: (below) => Math.floor(fraction() * below) };
}
