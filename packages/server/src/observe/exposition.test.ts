import { expect, test } from 'vitest';
import { counter, expose, gauge, histogram } from './exposition.ts';

test('counters, gauges and histograms as Prometheus reads them', () => {
  const stored = counter('stored_total', 'Stored.');
  stored.add({ by: 'a "quoted"\nname\\' });
  stored.add({ by: 'a "quoted"\nname\\' }, 2);
  const seconds = histogram('seconds', 'Time.', [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe({ route: '/' }, value);
  expect(expose([stored, gauge('open', 'Open.', () => [[{}, 4]]), seconds])).toBe(
    `# HELP stored_total Stored.
# TYPE stored_total counter
stored_total{by="a \\"quoted\\"\\nname\\\\"} 3
# HELP open Open.
# TYPE open gauge
open 4
# HELP seconds Time.
# TYPE seconds histogram
seconds_bucket{route="/",le="0.1"} 2
seconds_bucket{route="/",le="1"} 3
seconds_bucket{route="/",le="+Inf"} 4
seconds_sum{route="/"} 7.65
seconds_count{route="/"} 4
`,
  );
});
