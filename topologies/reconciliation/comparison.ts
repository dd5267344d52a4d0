/** The operator of reconciliation: notes facts of a subject, compares them, waits out the grace. */
import type { Finding, FindingId } from '#schemas/reconciliation';
import {
  keyValueStore,
  type ProcessContext,
  type Serde,
  type StreamRecord,
  stringSerde,
} from '#streams';
import { takeDue, timeKey } from '../time-index.ts';
import { assess, type Difference, Suspicions } from './suspicions.ts';

export interface ComparisonOptions<Subject extends string, Fact, Facts> {
  /** What is compared; the names of its stores begin with it. */
  readonly name: string;
  readonly subject: Serde<Subject>;
  readonly facts: Serde<Facts>;
  readonly nothing: Facts;
  readonly note: (facts: Facts, fact: Fact) => Facts;
  readonly differences: (facts: Facts) => readonly Difference[];
  /** How long a difference lasts before it is a finding, in milliseconds of wall clock. */
  readonly graceMs: number;
  readonly checkEveryMs: number;
}

export function comparison<Subject extends string, Fact, Facts>(
  options: ComparisonOptions<Subject, Fact, Facts>,
) {
  const { checkEveryMs, differences, graceMs, name, note, nothing, subject } = options;
  const stores = {
    facts: keyValueStore(`${name}-facts`, { key: subject, value: options.facts }),
    suspicions: keyValueStore(`${name}-suspicions`, { key: subject, value: Suspicions }),
    /** Subjects whose suspicion becomes a finding, by time. */
    due: keyValueStore(`${name}-due`, { key: stringSerde, value: subject }),
  };
  type Context = ProcessContext<FindingId, Finding, typeof stores, {}>;

  const look = (key: Subject, facts: Facts, context: Context): void => {
    const { due, suspicions } = context.stores;
    const before = suspicions.get(key) ?? [];
    const found = differences(facts);
    if (found.length === 0 && before.length === 0) return;
    const after = assess(key, before, found, context.wallClockMs, graceMs);
    if (after.suspicions.length === 0) suspicions.delete(key);
    else suspicions.put(key, after.suspicions);
    if (after.dueMs !== undefined) due.put(timeKey(after.dueMs, key), key);
    for (const finding of after.findings) {
      context.forward({ key: finding.id, value: finding, timestampMs: context.wallClockMs });
    }
  };

  return {
    stores,
    process: ({ key, value }: StreamRecord<Subject, Fact>, context: Context): void => {
      const facts = note(context.stores.facts.get(key) ?? nothing, value);
      context.stores.facts.put(key, facts);
      look(key, facts, context);
    },
    punctuators: [
      {
        time: 'wall-clock' as const,
        everyMs: checkEveryMs,
        punctuate: (nowMs: number, context: Context): void => {
          for (const key of takeDue(context.stores.due, nowMs)) {
            look(key, context.stores.facts.get(key) ?? nothing, context);
          }
        },
      },
    ],
  };
}
