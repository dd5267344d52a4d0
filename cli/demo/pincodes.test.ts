import { distanceKm } from './distance.ts';
import { readPincodes } from './pincodes.ts';

const pincodes = readPincodes();

test('knows the 19,416 pincodes of India that have a centroid, in order and once each', () => {
  expect(pincodes).toHaveLength(19_416);
  const codes = pincodes.map((area) => area.pincode as string);
  expect(codes).toEqual([...new Set(codes)].sort());
  expect(codes.every((code) => /^[1-9]\d{5}$/.test(code))).toBe(true);
});

test('places each within India', () => {
  for (const { pincode, latitude, longitude } of pincodes) {
    const inside = latitude > 6 && latitude < 38 && longitude > 68 && longitude < 98;
    if (!inside) throw new Error(`${pincode} lies at ${latitude}, ${longitude}`);
  }
});

test('knows the middle of Delhi', () => {
  const area = pincodes.find(({ pincode }) => (pincode as string) === '110001');
  expect(area).toMatchObject({ district: 'New Delhi', state: 'Delhi', deliverable: true });
  expect(distanceKm(area as never, { latitude: 28.6315, longitude: 77.2167 })).toBeLessThan(5);
});

test('keeps the few places to which the post does not deliver', () => {
  expect(pincodes.filter((area) => !area.deliverable)).toHaveLength(20);
});
