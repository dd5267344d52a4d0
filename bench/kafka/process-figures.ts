/** What a process and all its children have used, read from /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { processCpuMs } from '../measuring.ts';

export interface ProcessFigures {
  readonly cpuMs: number;
  /** The highest resident memory of each process, added up. */
  readonly peakMemoryMb: number;
}

export function processFigures(processId: number): ProcessFigures {
  const family = [processId, ...descendants(processId)];
  return {
    cpuMs: total(family.map(processCpuMs)),
    peakMemoryMb: total(family.map(peakMemoryMb)),
  };
}

/** Scans the process table: the kernel need not list the children of a process. */
function descendants(processId: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const parent = /^\d+$/.test(entry) ? parentOf(Number(entry)) : undefined;
    if (parent !== undefined)
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const below = (parent: number): number[] =>
    (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(processId);
}

/** `undefined` when the process has ended since it was listed. */
function parentOf(processId: number): number | undefined {
  const status = statusOf(processId);
  return status === undefined ? undefined : Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
}

function peakMemoryMb(processId: number): number {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(statusOf(processId) ?? '')?.[1];
  return Number(kilobytes ?? 0) / 1_024;
}

function statusOf(processId: number): string | undefined {
  try {
    return readFileSync(`/proc/${processId}/status`, 'utf8');
  } catch {
    return undefined;
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
