/**
 * The user's own processor, with its stores, global tables and punctuators.
 *
 * Equivalent: KStream#process with a FixedKeyProcessor or a Processor.
 */
import type {
  GlobalTables,
  OpenedStores,
  OpenedTables,
  Operator,
  OperatorContext,
  ProcessContext,
  ProcessOptions,
  ProcessValuesOptions,
  StoreDefinitions,
} from '../processor.ts';
import type { Header } from '../record.ts';

const noHeaders: readonly Header[] = [];

export function process<K, V, KOut, VOut, S extends StoreDefinitions, G extends GlobalTables>(
  options: ProcessOptions<K, V, KOut, VOut, S, G>,
): Operator<K, V, KOut, VOut> {
  return (operatorContext) => {
    const { context, use } = lent<KOut, VOut, S, G>(operatorContext, options);
    for (const { time, everyMs, punctuate } of options.punctuators ?? []) {
      operatorContext.schedule({
        time,
        everyMs,
        punctuate: (nowMs) => {
          use(undefined, nowMs);
          punctuate(nowMs, context);
        },
      });
    }
    return (record) => {
      use(record.headers, record.timestampMs);
      options.process(record, context);
    };
  };
}

export function processValues<K, V, VOut, S extends StoreDefinitions, G extends GlobalTables>(
  options: ProcessValuesOptions<K, V, VOut, S, G>,
): Operator<K, V, K, VOut> {
  return (operatorContext) => {
    const { context, use } = lent<never, never, S, G>(operatorContext, options);
    const { forward } = operatorContext;
    return (record) => {
      const { key, timestampMs, headers } = record;
      use(headers, timestampMs);
      for (const value of options.process(record, context.stores, context)) {
        forward({ key, value, timestampMs, headers });
      }
    };
  };
}

interface Lent<KOut, VOut, S extends StoreDefinitions, G extends GlobalTables> {
  readonly context: ProcessContext<KOut, VOut, S, G>;
  /** Sets the headers and the time that a forwarded record takes unless it has its own. */
  readonly use: (headers: readonly Header[] | undefined, timestampMs: number) => void;
}

/** One context for all records of the task: what changes from record to record, it asks for. */
function lent<KOut, VOut, S extends StoreDefinitions, G extends GlobalTables>(
  operator: OperatorContext<KOut, VOut>,
  options: { readonly stores?: S; readonly tables?: G },
): Lent<KOut, VOut, S, G> {
  let headers: readonly Header[] | undefined;
  let timestampMs = 0;
  const context: ProcessContext<KOut, VOut, S, G> = {
    stores: opened(options.stores, (name) => operator.keyValueStore(name)) as OpenedStores<S>,
    tables: opened(options.tables, (name) => operator.globalTable(name)) as OpenedTables<G>,
    get streamTimeMs() {
      return operator.streamTimeMs;
    },
    get wallClockMs() {
      return operator.wallClockMs;
    },
    get recordMetadata() {
      return operator.recordMetadata;
    },
    get headers() {
      return headers ?? noHeaders;
    },
    random: () => operator.random(),
    dropped: operator.dropped,
    forward: (out) => {
      operator.forward({
        key: out.key,
        value: out.value,
        timestampMs: out.timestampMs ?? timestampMs,
        headers: out.headers ?? headers,
      });
    },
  };
  const use: Lent<KOut, VOut, S, G>['use'] = (itsHeaders, itsTimestampMs) => {
    headers = itsHeaders;
    timestampMs = itsTimestampMs;
  };
  return { context, use };
}

function opened<T>(
  definitions: Readonly<Record<string, { readonly name: string }>> | undefined,
  open: (name: string) => T,
): Readonly<Record<string, T>> {
  const entries = Object.entries(definitions ?? {});
  return Object.fromEntries(entries.map(([alias, { name }]) => [alias, open(name)]));
}
