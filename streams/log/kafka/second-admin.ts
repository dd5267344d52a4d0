/**
 * The admin client of @platformatic/kafka, a part of the optional client. It does what the native
 * one has no call for (settings of topics), and what ends the process there with SIGSEGV (1.10.1, with
 * librdkafka 2.15.1): for offsets of a group whose coordinator has moved it looks for its own place in
 * a group, which only a consumer has (rd_kafka_handle_OffsetFetch, from rd_kafka_cgrp_op); of members
 * that no broker answers for it makes a string out of a null pointer.
 */

import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { KafkaConnection } from './connection-settings.ts';

export interface ConfigsOfTopic {
  readonly resourceName: string;
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

export interface DescribedGroupMember {
  readonly id: string;
  readonly clientId: string;
  /** By topic; absent while the group is rebalancing. */
  readonly assignments?: ReadonlyMap<
    string,
    { readonly topic: string; readonly partitions?: readonly number[] }
  >;
}

export interface GroupOffsetsByTopic {
  readonly groupId: string;
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: readonly {
      readonly partitionIndex: number;
      /** Below 0: none. */
      readonly committedOffset: bigint;
      readonly metadata: string | null;
    }[];
  }[];
}

export interface AdminClient {
  describeConfigs(options: object): Promise<readonly ConfigsOfTopic[]>;
  describeGroups(options: {
    readonly groups: readonly string[];
  }): Promise<ReadonlyMap<string, { readonly members: ReadonlyMap<string, DescribedGroupMember> }>>;
  /** Fails for all when the offset of one is in a transaction that is not decided, if that is asked. */
  listConsumerGroupOffsets(options: {
    readonly groups: readonly {
      readonly groupId: string;
      readonly topics: readonly {
        readonly name: string;
        readonly partitionIndexes: readonly number[];
      }[];
    }[];
    readonly requireStable: boolean;
  }): Promise<readonly GroupOffsetsByTopic[]>;
  close(): Promise<void>;
}

/** A protocol's answer that no other try will change. */
interface Refusal {
  readonly apiCode?: number;
  readonly canRetry?: boolean;
  readonly errors?: readonly unknown[];
}

/**
 * A coordinator or a leader may be moving, a transaction may not be decided; and in a new cluster the
 * first group of all waits until there are coordinators.
 */
const patienceMs = 30_000;
const firstPauseMs = 10;
const longestPauseMs = 200;

/** A broker that dies at the wrong moment leaves a question without an answer for ever. */
const answerWithinMs = 5_000;

export class SecondAdmin {
  readonly #open: () => Promise<AdminClient>;
  readonly #answerWithinMs: number;
  #client: Promise<AdminClient> | undefined;
  #isClosed = false;

  constructor(
    connection: KafkaConnection,
    { open = () => openAdmin(connection), answerMs = answerWithinMs } = {},
  ) {
    this.#open = open;
    this.#answerWithinMs = answerMs;
  }

  /** Asks again for a while, unless the answer is a refusal. Throws what was thrown last. */
  async ask<T>(question: (client: AdminClient) => Promise<T>): Promise<T> {
    const untilMs = performance.now() + patienceMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      this.#client ??= this.#open();
      try {
        return await this.#answered(this.#client, question);
      } catch (error) {
        const refusal = refusalIn(error);
        if (refusal !== undefined) throw refusal;
        if (this.#isClosed || performance.now() >= untilMs) throw error;
        await sleep(pauseMs);
      }
    }
  }

  /** Whoever does not answer is asked nothing any more. */
  async #answered<T>(
    opening: Promise<AdminClient>,
    question: (client: AdminClient) => Promise<T>,
  ): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        if (this.#client === opening) this.#client = undefined;
        void closed(opening);
        reject(new Error(`no answer from a broker within ${this.#answerWithinMs} ms`));
      }, this.#answerWithinMs);
    });
    try {
      return await Promise.race([opening.then(question), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Does not wait for a broker that does not answer. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#client === undefined) return;
    const enough = new AbortController();
    const late = sleep(this.#answerWithinMs, undefined, { signal: enough.signal });
    await Promise.race([closed(this.#client), late.catch(() => undefined)]);
    enough.abort();
  }
}

async function closed(opening: Promise<AdminClient>): Promise<void> {
  await opening.then((client) => client.close()).catch(() => undefined);
}

async function openAdmin(connection: KafkaConnection): Promise<AdminClient> {
  const { Admin } = (await import(adminModule())) as {
    readonly Admin: new (options: object) => AdminClient;
  };
  const { bootstrapServers, clientId = 'millrace', security } = connection;
  const { tls, sasl } = security ?? {};
  return new Admin({
    clientId,
    bootstrapBrokers: bootstrapServers.split(','),
    // `ask` does it, sooner.
    retries: 0,
    ...(tls === undefined ? {} : { tls: tls === true ? {} : tlsOptions(tls) }),
    ...(sasl === undefined ? {} : { sasl }),
  });
}

/** With the code of Kafka's protocol in the place where the native client has it. */
function refusalIn(error: unknown): (Error & { readonly code: number }) | undefined {
  const { apiCode, canRetry, errors = [] } = (error ?? {}) as Refusal;
  if (apiCode !== undefined && canRetry === false) {
    return Object.assign(new Error((error as Error).message, { cause: error }), { code: apiCode });
  }
  for (const one of errors) {
    const refusal = refusalIn(one);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function tlsOptions(
  tls: Exclude<NonNullable<KafkaConnection['security']>['tls'], true | undefined>,
) {
  const { ca, certificate: cert, key, keyPassword: passphrase } = tls;
  return { ca, cert, key, passphrase };
}

function adminModule(): string {
  const folder = new URL('./client/package.json', import.meta.url);
  return pathToFileURL(createRequire(folder).resolve('@platformatic/kafka')).href;
}
