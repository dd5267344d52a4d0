/**
 * Sends each record to the first branch that accepts it. A branch is a node of its own below the
 * splitter; the record carries the index of its branch between the two.
 *
 * Equivalent: KStream#split.
 */
import type { Operator } from '../processor.ts';

/** Accepts everything: the branch for what is left. */
export const otherwise = (): boolean => true;

/** A record on its way from the splitter to one of its branches. */
export interface Branched<V> {
  readonly branch: number;
  readonly value: V;
}

/** `branches` grows while the DSL adds to it; it is read when the first record comes. */
export function split<K, V>(
  branches: readonly ((value: V, key: K) => boolean)[],
): Operator<K, V, K, Branched<V>> {
  return ({ forward, dropped }) =>
    (record) => {
      const { key, value } = record;
      const branch = branches.findIndex((accepts) => accepts(value, key));
      if (branch < 0) dropped('no-branch');
      else forward({ ...record, value: { branch, value } });
    };
}

/** Takes the records of branch number `own`. */
export function branch<K, V>(own: number): Operator<K, Branched<V>, K, V> {
  return ({ forward }) =>
    (record) => {
      if (record.value.branch === own) forward({ ...record, value: record.value.value });
    };
}
