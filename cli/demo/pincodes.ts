/**
 * The pincodes of India that have a centroid: real data, see data/LICENCE-pincodes.md for its
 * source and data/make-pincodes.py for the format of the file.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Pincode, PincodeArea } from '#schemas/serviceability';

interface PincodeTable {
  readonly districtNames: readonly (readonly [district: string, state: string])[];
  readonly steps: readonly number[];
  readonly districts: readonly number[];
  readonly latitudes: readonly number[];
  readonly longitudes: readonly number[];
  readonly deliverable: string;
}

const FILE = new URL('data/pincodes.json.gz', import.meta.url);
/** Coordinates are stored in 1/10,000 of a degree. */
const SCALE = 10_000;

/** All of them, in ascending order of pincode. */
export function readPincodes(): PincodeArea[] {
  const table = JSON.parse(gunzipSync(readFileSync(FILE)).toString('utf8')) as PincodeTable;
  let pincode = 0;
  let latitude = 0;
  let longitude = 0;

  return table.steps.map((step, row) => {
    const [district, state] = table.districtNames[at(table.districts, row)] ?? ['', ''];
    pincode += step;
    latitude += at(table.latitudes, row);
    longitude += at(table.longitudes, row);
    return {
      pincode: String(pincode) as Pincode,
      district,
      state,
      latitude: latitude / SCALE,
      longitude: longitude / SCALE,
      deliverable: table.deliverable[row] === '1',
    };
  });
}

function at(column: readonly number[], row: number): number {
  const value = column[row];
  if (value === undefined) throw new RangeError(`${FILE.pathname}: a column ends at row ${row}`);
  return value;
}
