/** Metrics in Prometheus' text format, version 0.0.4. */
import type { ApplicationMetrics } from '#streams';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export function metricsText(families: readonly MetricFamily[]): string {
  return families.map(familyText).join('');
}

export function applicationFamilies(
  metrics: ReadonlyMap<string, ApplicationMetrics>,
): MetricFamily[] {
  const tasks = [...metrics].flatMap(([application, { tasks }]) =>
    tasks.map((task) => ({ labels: { application, task: task.taskId }, task })),
  );
  const ofTasks = (value: (task: (typeof tasks)[number]['task']) => number) =>
    tasks.map(({ labels, task }) => ({ labels, value: value(task) }));
  const ofApplications = (value: (metrics: ApplicationMetrics) => number) =>
    [...metrics].map(([application, held]) => ({ labels: { application }, value: value(held) }));
  return [
    counter(
      'task_processed_total',
      'Input records taken',
      ofTasks((it) => it.processed),
    ),
    gauge(
      'task_lag',
      'Records that the log holds behind the task',
      ofTasks((it) => Number(it.lag)),
    ),
    gauge(
      'task_stalled_seconds',
      'Has had work and done none',
      ofTasks((it) => it.stalledMs / 1e3),
    ),
    counter(
      'task_dead_letters_total',
      'Records that could not be used',
      ofTasks((it) => it.deadLetters),
    ),
    counter(
      'commits_total',
      'Commits made durable',
      ofApplications((it) => it.commits.commits),
    ),
    counter(
      'commits_failed_total',
      'Commits tried again',
      ofApplications((it) => it.commits.failed),
    ),
    gauge(
      'commit_mean_seconds',
      'Mean duration of a commit',
      ofApplications((it) => it.commits.meanMs / 1e3),
    ),
    gauge(
      'commit_max_seconds',
      'Longest commit',
      ofApplications((it) => it.commits.maxMs / 1e3),
    ),
  ];
}

export function processFamilies(process: {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly uptimeSeconds: number;
}): MetricFamily[] {
  const one = (value: number): Sample[] => [{ labels: {}, value }];
  return [
    counter('cpu_seconds_total', 'Processor time of the process', one(process.cpuSeconds)),
    gauge('resident_bytes', 'Memory of the process', one(process.residentBytes)),
    gauge('uptime_seconds', 'Since the process began', one(process.uptimeSeconds)),
  ];
}

export function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name: `millrace_${name}`, type: 'counter', help, samples };
}

export function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name: `millrace_${name}`, type: 'gauge', help, samples };
}

function familyText({ name, type, help, samples }: MetricFamily): string {
  const lines = samples.map(({ labels, value }) => `${name}${labelsText(labels)} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (value: string) =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
