/** Checks the shape of an offer from a feed: every fault at once, in words for the supplier. */
import { Ajv } from 'ajv';
import { validationErrors } from '../gateway/validation.ts';
import { offerInput } from '../items/item-json.ts';
import type { Described } from '../json-schema.ts';

export type OfferInput = Described<typeof offerInput>;

const maxReasons = 20;
const validate = new Ajv({
  allErrors: true,
  verbose: true,
  allowUnionTypes: true,
}).compile<OfferInput>(offerInput);

export function checkOffer(
  input: unknown,
): { readonly offer: OfferInput } | { readonly reasons: readonly string[] } {
  if (validate(input)) return { offer: input };
  const errors = validationErrors((validate.errors ?? []) as never, 'offer');
  const reasons = errors.map(({ path, message }) => {
    const field = path.replace(/^offer\/?/, '').replaceAll('/', '.');
    return `${field || 'the line'} ${message}`;
  });
  return { reasons: [...new Set(reasons)].slice(0, maxReasons) };
}
