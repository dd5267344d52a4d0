/**
 * From differences to findings. A difference that has just appeared may be a record that is still on
 * its way; one that outlasts its grace is a finding, and stays one until the difference is gone.
 */
import { Finding, type FindingId } from '#schemas/reconciliation';
import { avro, type Decoded } from '#streams';

const { array, nullable, record, string, timestampMillis } = avro;

/** Something that two records of the truth say differently. */
export interface Difference {
  readonly kind: Finding['kind'];
  /** One sentence: what was expected and what was found. */
  readonly message: string;
  readonly evidence: Readonly<Record<string, string>>;
  readonly remedy: string;
}

const Suspicion = record('Suspicion', {
  kind: string,
  /** Wall clock when it was first seen; `null` when it is gone. */
  sinceMs: nullable(timestampMillis),
  /** As it was last told; `null` before its grace is over. */
  finding: nullable(Finding),
});
type Suspicion = Decoded<typeof Suspicion>;

/** Of one subject, at most one of a kind. */
export const Suspicions = array(Suspicion);
export type Suspicions = Decoded<typeof Suspicions>;

export interface Assessment {
  readonly suspicions: Suspicions;
  /** To be told: new ones, changed ones, resolved ones. */
  readonly findings: readonly Finding[];
  /** When a suspicion becomes a finding if nothing changes. */
  readonly dueMs: number | undefined;
}

/** Some differences are no matter of time. */
function graceOf(kind: Finding['kind'], graceMs: number): number {
  return kind === 'wrong_charge' ? 0 : graceMs;
}

export function assess(
  subject: string,
  before: Suspicions,
  differences: readonly Difference[],
  nowMs: number,
  graceMs: number,
): Assessment {
  const suspicions: Suspicion[] = [];
  const findings: Finding[] = [];
  let dueMs: number | undefined;
  for (const difference of differences) {
    const known = before.find(({ kind }) => kind === difference.kind);
    const sinceMs = known?.sinceMs ?? nowMs;
    const overMs = sinceMs + graceOf(difference.kind, graceMs);
    const told = known?.finding ?? null;
    const finding = overMs <= nowMs ? found(subject, difference, told, nowMs) : told;
    if (finding && finding !== told) findings.push(finding);
    if (overMs > nowMs) dueMs = Math.min(dueMs ?? overMs, overMs);
    suspicions.push({ kind: difference.kind, sinceMs, finding });
  }
  for (const known of before) {
    if (known.finding === null || differences.some(({ kind }) => kind === known.kind)) continue;
    const finding = resolved(known.finding, nowMs);
    if (finding !== known.finding) findings.push(finding);
    // Kept, so that the versions of a finding that comes back go on.
    suspicions.push({ kind: known.kind, sinceMs: null, finding });
  }
  return { suspicions, findings, dueMs };
}

/** The same finding when nothing about it is new. */
function found(
  subject: string,
  { evidence, kind, message, remedy }: Difference,
  told: Finding | null,
  nowMs: number,
): Finding {
  const lasts = told !== null && told.resolvedAt === null;
  if (lasts && told.message === message) return told;
  return {
    id: `${kind}:${subject}` as FindingId,
    kind,
    subject,
    message,
    evidence,
    remedy,
    foundAt: lasts ? told.foundAt : nowMs,
    resolvedAt: null,
    version: (told?.version ?? 0) + 1,
  };
}

function resolved(told: Finding, nowMs: number): Finding {
  if (told.resolvedAt !== null) return told;
  return { ...told, resolvedAt: nowMs, version: told.version + 1 };
}
