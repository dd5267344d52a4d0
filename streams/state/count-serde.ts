/** Counts, which are whole numbers by their making: as Java's LongSerializer writes them. */
import type { Serde } from '../serde.ts';
import { longSerde } from '../serdes.ts';

export const countSerde: Serde<number> = { ...longSerde, neverFails: true };
