/**
 * Resolves the calendar of each warehouse. All of them share one key: a warehouse needs its calendar
 * whichever comes first and however it moves between calendars, and there are few.
 */
import {
  Calendar,
  CalendarId,
  DispatchRules,
  Warehouse,
  WarehouseId,
} from '#schemas/serviceability';
import { isTimeZone } from '#schemas/time-zones';
import {
  avro,
  type Decoded,
  keyValueStore,
  type ProcessContext,
  type StreamRecord,
} from '#streams';

const { literal, nullable, record, union } = avro;

const CalendarKept = record('CalendarKept', {
  type: literal('CalendarKept'),
  calendarId: CalendarId,
  /** `null`: deleted. */
  calendar: nullable(Calendar),
});
const WarehouseKept = record('WarehouseKept', {
  type: literal('WarehouseKept'),
  warehouseId: WarehouseId,
  /** `null`: deleted. */
  warehouse: nullable(Warehouse),
});
export const DispatchFact = union(CalendarKept, WarehouseKept);
export type DispatchFact = Decoded<typeof DispatchFact>;

/** A deletion has no value. */
type Kept<K, V> = StreamRecord<K, V | undefined>;

export function warehouseKept({ key, value }: Kept<WarehouseId, Warehouse>) {
  return keyed({ type: 'WarehouseKept', warehouseId: key, warehouse: value ?? null });
}

export function calendarKept({ key, value }: Kept<CalendarId, Calendar>) {
  return keyed({ type: 'CalendarKept', calendarId: key, calendar: value ?? null });
}

function keyed(value: DispatchFact) {
  return { key: 'every-warehouse', value };
}

const stores = {
  calendars: keyValueStore('calendars', { key: CalendarId, value: Calendar }),
  warehouses: keyValueStore('warehouses', { key: WarehouseId, value: Warehouse }),
  /** What was sent last, so that only changes are. */
  sent: keyValueStore('sent-dispatch-rules', { key: WarehouseId, value: DispatchRules }),
};

type Context = ProcessContext<WarehouseId, DispatchRules | undefined, typeof stores, {}>;

export const resolveCalendars = {
  stores,
  process: ({ value: fact }: StreamRecord<string, DispatchFact>, context: Context) => {
    const { calendars, warehouses } = context.stores;
    switch (fact.type) {
      case 'WarehouseKept': {
        const { warehouseId, warehouse } = fact;
        if (warehouse) warehouses.put(warehouseId, warehouse);
        else warehouses.delete(warehouseId);
        send(warehouseId, context);
        return;
      }
      case 'CalendarKept': {
        const { calendarId, calendar } = fact;
        if (calendar) calendars.put(calendarId, calendar);
        else calendars.delete(calendarId);
        for (const { key, value } of [...warehouses.all()]) {
          if (value.calendarId === calendarId) send(key, context);
        }
      }
    }
  },
} as const;

/** `undefined` while its calendar is unknown: a warehouse without one promises nothing. */
function dispatchRulesOf(
  warehouse: Warehouse,
  calendar: Calendar | undefined,
): DispatchRules | undefined {
  if (!calendar) return undefined;
  const { timeZone, workingDays, holidays } = calendar;
  const { id: warehouseId, city, cutOffMinute, handlingDays } = warehouse;
  // A promise is made in the time zone, so without a real one there is none.
  const active = warehouse.active && isTimeZone(timeZone);
  return {
    warehouseId,
    city,
    timeZone,
    workingDays,
    holidays,
    cutOffMinute,
    handlingDays,
    active,
  };
}

function send(warehouseId: WarehouseId, { stores, forward }: Context): void {
  const warehouse = stores.warehouses.get(warehouseId);
  const rules = warehouse && dispatchRulesOf(warehouse, stores.calendars.get(warehouse.calendarId));
  const before = stores.sent.get(warehouseId);
  if (JSON.stringify(rules) === JSON.stringify(before)) return;

  if (rules) stores.sent.put(warehouseId, rules);
  else stores.sent.delete(warehouseId);
  forward({ key: warehouseId, value: rules });
}
