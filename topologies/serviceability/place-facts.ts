/** Sends each fact to the regions that it concerns. */
import {
  type Courier,
  type CourierId,
  type Lane,
  LaneId,
  type Pincode,
  type PincodeArea,
  type Warehouse,
  type WarehouseId,
} from '#schemas/serviceability';
import { avro, keyValueStore, type ProcessContext, type StreamRecord } from '#streams';
import {
  allRegions,
  isPincode,
  isPincodePrefix,
  type RegionFact,
  regionOf,
} from './region-facts.ts';

/** A deletion has no value. */
type Fact<K, V> = StreamRecord<K, V | undefined>;
type Context<S extends Record<string, never> | typeof laneStores> = ProcessContext<
  string,
  RegionFact,
  S,
  {}
>;

export const placePincodes = {
  process: ({ key, value }: Fact<Pincode, PincodeArea>, context: Context<{}>) => {
    if (!isPincode(key)) {
      context.dropped('pincode-malformed');
      return;
    }
    const area = value ? { ...value, pincode: key } : null;
    context.forward({ key: regionOf(key), value: { type: 'PincodeFact', pincode: key, area } });
  },
};

/** Where each lane is, since its deletion or its new version does not say where it was. */
const laneStores = {
  lanePrefixes: keyValueStore('lane-prefixes', { key: LaneId, value: avro.string }),
};

export const placeLanes = {
  stores: laneStores,
  process: ({ key, value }: Fact<LaneId, Lane>, context: Context<typeof laneStores>) => {
    const { lanePrefixes } = context.stores;
    const send = (prefix: string, lane: Lane | null) =>
      context.forward({
        key: regionOf(prefix),
        value: { type: 'LaneFact', laneId: key, prefix, lane },
      });

    const isUsable = value !== undefined && isPincodePrefix(value.pincodePrefix);
    if (value !== undefined && !isUsable) context.dropped('lane-prefix-malformed');
    const before = lanePrefixes.get(key);
    const prefix = isUsable ? value.pincodePrefix : undefined;
    if (before !== undefined && before !== prefix) {
      lanePrefixes.delete(key);
      send(before, null);
    }
    if (value === undefined || prefix === undefined) return;
    lanePrefixes.put(key, prefix);
    send(prefix, { ...value, id: key });
  },
};

export function warehouseInAllRegions({ key, value }: Fact<WarehouseId, Warehouse>) {
  return inAllRegions({
    type: 'WarehouseFact',
    warehouseId: key,
    isUsed: value?.active === true,
  });
}

export function courierInAllRegions({ key, value }: Fact<CourierId, Courier>) {
  const courier = value?.active ? { ...value, id: key } : null;
  return inAllRegions({ type: 'CourierFact', courierId: key, courier });
}

function inAllRegions(value: RegionFact) {
  return allRegions.map((key) => ({ key, value }));
}
