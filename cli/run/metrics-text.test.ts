import { counter, gauge, metricsText } from './metrics-text.ts';

test('a family is a help line, a type line and a line a sample', () => {
  const text = metricsText([
    counter('records_total', 'Records', [
      { labels: { topic: 'items.state' }, value: 3 },
      { labels: { topic: 'carts.state' }, value: 4 },
    ]),
    gauge('up', 'Whether it runs', [{ labels: {}, value: 1 }]),
  ]);
  expect(text).toBe(
    [
      '# HELP millrace_records_total Records',
      '# TYPE millrace_records_total counter',
      'millrace_records_total{topic="items.state"} 3',
      'millrace_records_total{topic="carts.state"} 4',
      '# HELP millrace_up Whether it runs',
      '# TYPE millrace_up gauge',
      'millrace_up 1',
      '',
    ].join('\n'),
  );
});

test('a label cannot break out of its quotes', () => {
  const samples = [{ labels: { error: 'say "no"\nor \\' }, value: 1 }];
  expect(metricsText([gauge('last', 'Last error', samples)])).toContain(
    'millrace_last{error="say \\"no\\"\\nor \\\\"} 1',
  );
});
