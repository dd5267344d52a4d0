/** Distances on the globe, for transit times and fees of the demo. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const EARTH_RADIUS_KM = 6371;

/** Great-circle distance in kilometres (haversine). */
export function distanceKm(from: Place, to: Place): number {
  const latitudes = radians(to.latitude - from.latitude);
  const longitudes = radians(to.longitude - from.longitude);
  const chord =
    Math.sin(latitudes / 2) ** 2 +
    Math.cos(radians(from.latitude)) *
      Math.cos(radians(to.latitude)) *
      Math.sin(longitudes / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/**
 * The middle of many places: the median of each coordinate, which a few wrong coordinates (the
 * source has some) do not move.
 *
 * @throws RangeError if there are none.
 */
export function middleOf(places: readonly Place[]): Place {
  return {
    latitude: median(places.map((place) => place.latitude)),
    longitude: median(places.map((place) => place.longitude)),
  };
}

function median(numbers: number[]): number {
  const middle = numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
  if (middle === undefined) throw new RangeError('no places, no middle');
  return middle;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
