/** What must not compile. Run by `tsc`: an unused `@ts-expect-error` is an error. */
import { avro, type Branded, type Decoded, type Serde } from '#streams';

const { array, enumeration, id, int, literal, map, nullable, record, string, union, withDefault } =
  avro;

const Sku = id('Sku');
type Sku = Decoded<typeof Sku>;
const OrderId = id('OrderId');
type OrderId = Decoded<typeof OrderId>;

const Line = record('Line', { sku: Sku, quantity: int, note: nullable(string) });
const Place = record('PlaceOrder', {
  type: literal('PlaceOrder'),
  orderId: OrderId,
  lines: array(Line),
  tags: map(int),
  channel: enumeration('Channel', ['Web', 'Phone']),
  attempt: withDefault(int, 1),
});
const Cancel = record('CancelOrder', { type: literal('CancelOrder'), orderId: OrderId });
const Command = union(Place, Cancel);
type Command = Decoded<typeof Command>;

declare const sku: Sku;
declare const orderId: OrderId;
declare const command: Command;

// What does compile, so that the errors below have one reason each.
const place: Command = {
  type: 'PlaceOrder',
  orderId,
  lines: [{ sku, quantity: 1, note: null }],
  tags: { gift: 1 },
  channel: 'Web',
  attempt: 1,
};
const cancel: Command = { type: 'CancelOrder', orderId };
Command.serialize(place);
Command.serialize(cancel);
const named: Branded<'Sku'> = sku;
const plain: string = named;
string.serialize(plain);

// @ts-expect-error no such literal
Command.serialize({ type: 'EatOrder', orderId });

// @ts-expect-error a missing field
Command.serialize({ type: 'CancelOrder' });

// @ts-expect-error a missing field, though older records may lack it
Place.serialize({ type: 'PlaceOrder', orderId, lines: [], tags: {}, channel: 'Web' });

// @ts-expect-error an undeclared field
Cancel.serialize({ type: 'CancelOrder', orderId, reason: 'late' });

// @ts-expect-error a SKU is not an order id
Command.serialize({ type: 'CancelOrder', orderId: sku });

// @ts-expect-error any string is not an order id
Command.serialize({ type: 'CancelOrder', orderId: 'order-1' });

// @ts-expect-error a string is not a quantity
Line.serialize({ sku, quantity: '1', note: null });

// @ts-expect-error a nullable field is null, not left out
Line.serialize({ sku, quantity: 1 });

// @ts-expect-error no such symbol
Place.serialize({ ...place, channel: 'Post' });

// @ts-expect-error only a nullable field may be null
Line.serialize({ sku, quantity: null, note: null });

// @ts-expect-error a default is of its field's type
withDefault(int, 'one');

// @ts-expect-error the values of the map are numbers
Place.serialize({ ...place, tags: { gift: 'yes' } });

// @ts-expect-error what was read is not changed
Line.deserialize(new Uint8Array()).quantity = 2;

// @ts-expect-error a command may be another one than `CancelOrder`
const onlyCancel: Decoded<typeof Cancel> = command;
Cancel.serialize(onlyCancel);

// @ts-expect-error a serde of all commands reads more than `CancelOrder`
const narrow: Serde<Decoded<typeof Cancel>> = Command;
narrow.deserialize(new Uint8Array());

// @ts-expect-error a serde of `CancelOrder` does not write all commands
const wide: Serde<Command> = Cancel;
wide.serialize(place);

/** Told apart by `type`: each branch has its own fields. */
export function linesOf(of: Command): number {
  if (of.type === 'PlaceOrder') return of.lines.length;
  // @ts-expect-error a cancel has no lines
  return of.lines.length;
}
