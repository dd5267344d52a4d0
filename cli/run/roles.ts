/** The roles that a process plays: all of them, or those that it is told. */
import { UsageError } from '../command.ts';

export interface Roles {
  /** Names of topologies. */
  readonly topologies: ReadonlySet<string>;
  /** Names of sinks. */
  readonly sinks: ReadonlySet<string>;
  /** What it answers by HTTP beside its own health and metrics. */
  readonly services: ReadonlySet<Service>;
  /** Relays what users did from their store to the log. */
  readonly outbox: boolean;
  /** Writes the lake and runs the jobs over it. */
  readonly batch: boolean;
  /** Everything in one process. */
  readonly isWholeShop: boolean;
}

/** `sandbox` is a house of its own: the payment gateway of who has none yet. */
export type Service = 'shop' | 'inbound' | 'sandbox';

export interface RoleNames {
  readonly topologies: readonly string[];
  readonly sinks: readonly string[];
}

function everyRole({ topologies, sinks }: RoleNames): Roles {
  return {
    topologies: new Set(topologies),
    sinks: new Set(sinks),
    services: new Set(['shop', 'sandbox']),
    outbox: true,
    batch: true,
    isWholeShop: true,
  };
}

/**
 * The roles of the words of `millrace run`; none: every role.
 *
 * @throws UsageError naming the word that is no role, with those that are.
 */
export function rolesOf(words: readonly string[], names: RoleNames): Roles {
  if (words.length === 0) return everyRole(names);
  const known = knownRoles(names);
  const unknown = words.filter((word) => !known.has(word));
  if (unknown.length > 0) {
    const all = [...known.keys()].join(', ');
    throw new UsageError(
      `no role '${unknown[0]}': there are ${all}; without any it is the whole shop`,
    );
  }
  const parts = words.map((word) => known.get(word) as Partial<Roles>);
  return {
    topologies: union(parts.map((part) => part.topologies)),
    sinks: union(parts.map((part) => part.sinks)),
    services: union(parts.map((part) => part.services)),
    outbox: parts.some((part) => part.outbox === true),
    batch: parts.some((part) => part.batch === true),
    isWholeShop: false,
  };
}

function knownRoles({ topologies, sinks }: RoleNames): ReadonlyMap<string, Partial<Roles>> {
  return new Map<string, Partial<Roles>>([
    ['serving', { services: new Set<Service>(['shop']) }],
    ['inbound', { services: new Set<Service>(['inbound']) }],
    ['sandbox', { services: new Set<Service>(['sandbox']) }],
    ['outbox', { outbox: true }],
    ['batch', { batch: true }],
    ['topologies', { topologies: new Set(topologies) }],
    ['sinks', { sinks: new Set(sinks) }],
    ...topologies.map((name) => [name, { topologies: new Set([name]) }] as const),
    ...sinks.map((name) => [`${name}-sink`, { sinks: new Set([name]) }] as const),
  ]);
}

function union<T>(sets: readonly (ReadonlySet<T> | undefined)[]): ReadonlySet<T> {
  return new Set(sets.flatMap((set) => [...(set ?? [])]));
}
