/** The branches of a split stream. Each is a node of its own below the splitter. */
import { branch, otherwise, split } from '../operators/branch.ts';
import type { Branches, KStream } from './kstream.ts';
import type { StreamState } from './stream-state.ts';
import type { AnyOperator } from './topology-graph.ts';

export class DslBranches<K, V> implements Branches<K, V> {
  readonly #state: StreamState<K, V>;
  readonly #name: string;
  readonly #prefix: string;
  readonly #accepts: ((value: V, key: K) => boolean)[] = [];

  constructor(state: StreamState<K, V>, name: string | undefined) {
    this.#state = state;
    this.#name = state.graph.name('KSTREAM-BRANCH-', name);
    this.#prefix = name === undefined ? '' : `${name}-`;
    state.graph.processor(this.#name, [state.node], split(this.#accepts) as AnyOperator);
  }

  branch(
    name: string,
    when: (value: V, key: K) => boolean,
    // biome-ignore lint/suspicious/noExplicitAny: one implementation of both signatures
    then: (branch: KStream<K, any>) => void,
  ): Branches<K, V> {
    this.#add(name, when, then);
    return this;
  }

  otherwise(name: string, then: (branch: KStream<K, V>) => void): void {
    this.#add(name, otherwise, then);
  }

  #add(
    name: string,
    when: (value: V, key: K) => boolean,
    then: (branch: KStream<K, V>) => void,
  ): void {
    const node = this.#prefix + name;
    const own = this.#accepts.push(when) - 1;
    this.#state.graph.processor(node, [this.#name], branch(own) as AnyOperator);
    then(this.#state.open({ ...this.#state, node }));
  }
}
