/** Money: a whole number of minor units and its currency. Never a fraction, never without currency. */
import { avro, type Decoded } from '#streams';

export const Money = avro.record('Money', {
  /** Minor units: paise for INR. */
  amount: avro.long,
  /** ISO 4217, upper case. */
  currency: avro.string,
});
export interface Money extends Decoded<typeof Money> {}
