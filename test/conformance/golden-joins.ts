/** The golden scenarios that join two streams; see golden-topologies.ts. */
import {
  joinWindows,
  type KStream,
  type StreamJoinStores,
  StreamsBuilder,
  stringSerde,
  topic,
} from '#streams';
import type { Golden } from './golden.ts';

const text = { key: stringSerde, value: stringSerde };
const [l, r, out] = [topic('l', text), topic('r', text), topic('out', text)];

type Kind = 'inner' | 'left' | 'outer';

const symmetric = joinWindows({ beforeMs: 10_000, afterMs: 10_000, graceMs: 5_000 });

export const goldenJoins: Readonly<Record<string, Golden>> = {
  'ss-join-inner': joined('inner', {
    stores: numbered('KSTREAM-JOINTHIS-0000000004', 'KSTREAM-JOINOTHER-0000000005'),
  }),
  'ss-join-left': joined('left', {
    stores: numbered('KSTREAM-JOINTHIS-0000000004', 'KSTREAM-OUTEROTHER-0000000005'),
  }),
  'ss-join-outer': joined('outer', {
    stores: numbered('KSTREAM-OUTERTHIS-0000000004', 'KSTREAM-OUTEROTHER-0000000005'),
  }),
  'ss-join-left-unnamed': joined('left', {
    stores: numbered('KSTREAM-JOINTHIS-0000000004', 'KSTREAM-OUTEROTHER-0000000005'),
    names: {
      'KSTREAM-WINDOWED-0000000002': 'j-this-windowed',
      'KSTREAM-WINDOWED-0000000003': 'j-other-windowed',
      'KSTREAM-JOINTHIS-0000000004': 'j-this-join',
      'KSTREAM-OUTEROTHER-0000000005': 'j-outer-other-join',
      'KSTREAM-MERGE-0000000006': 'j-merge',
    },
  }),
  'dup-retain-same-ts': joined('inner', {
    windows: joinWindows({ beforeMs: 10_000, afterMs: 10_000 }),
    names: {
      'KSTREAM-WINDOWED-0000000002': 'j-this-windowed',
      'KSTREAM-WINDOWED-0000000003': 'j-other-windowed',
      'KSTREAM-JOINTHIS-0000000004': 'j-this-join',
      'KSTREAM-JOINOTHER-0000000005': 'j-other-join',
      'KSTREAM-MERGE-0000000006': 'j-merge',
    },
  }),
  'ss-join-outer-asymmetric': joined('outer', {
    windows: joinWindows({ beforeMs: 2_000, afterMs: 10_000, graceMs: 5_000 }),
    stores: {
      left: 's-outer-this-join-store',
      right: 's-outer-other-join-store',
      unmatched: 's-outer-shared-join-store',
    },
  }),
  'ss-join-inner-rekeyed': joined('inner', { rekeyed: true }),
  'ss-join-left-rekeyed': joined('left', { rekeyed: true }),
};

/** The names that Kafka Streams gives to stores when the user gives none. */
function numbered(left: string, right: string): StreamJoinStores {
  const unmatched = 'KSTREAM-OUTERSHARED-0000000004-store';
  return { left: `${left}-store`, right: `${right}-store`, unmatched };
}

function joined(
  kind: Kind,
  options: {
    readonly windows?: typeof symmetric;
    readonly stores?: StreamJoinStores;
    readonly rekeyed?: boolean;
    readonly names?: Readonly<Record<string, string>>;
  },
): Golden {
  const { windows = symmetric, stores, rekeyed = false, names = {} } = options;
  const exclaimed = (stream: KStream<string, string>) =>
    rekeyed ? stream.selectKey((_, key) => `${key}!`) : stream;
  return {
    sameShape: true,
    names,
    build: () => {
      const builder = new StreamsBuilder();
      const left = exclaimed(builder.stream(l));
      const right = exclaimed(builder.stream(r));
      const join = (a: string | undefined, b: string | undefined) => `${a ?? null}-${b ?? null}`;
      const how = { ...text, otherValue: stringSerde, windows, join, ...(stores && { stores }) };
      const results = {
        inner: () => left.joinStream('j', right, how),
        left: () => left.leftJoinStream('j', right, how),
        outer: () => left.outerJoinStream('j', right, how),
      };
      results[kind]().to(out);
      return builder.build();
    },
  };
}
