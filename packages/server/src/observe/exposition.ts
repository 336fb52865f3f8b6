type Labels = Readonly<Record<string, string | number>>;

/** A family of numbers in Prometheus' text format. @source https://prometheus.io/docs/instrumenting/exposition_formats/ */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  samples(): Iterable<readonly [suffix: string, labels: Labels, value: number]>;
}

/** The content type of `expose`. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Families as Prometheus reads them. */
export function expose(families: readonly Family[]): string {
  return families.map(exposed).join('');
}

function exposed({ name, help, type, samples }: Family): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  for (const [suffix, labels, value] of samples()) lines.push(`${name}${suffix}${shown(labels)} ${value}`);
  return `${lines.join('\n')}\n`;
}

function shown(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** A number that is asked for when it is shown. */
export function gauge(name: string, help: string, values: () => readonly (readonly [Labels, number])[]): Family {
  return { name, help, type: 'gauge', samples: () => values().map(([labels, value]) => ['', labels, value] as const) };
}

/** What only grows. */
export function counter(name: string, help: string): Family & { add(labels: Labels, by?: number): void } {
  const sums = new Map<string, { labels: Labels; value: number }>();
  return {
    ...{ name, help, type: 'counter' },
    add: (labels, by = 1) => {
      const key = shown(labels);
      const sum = sums.get(key);
      if (sum) sum.value += by;
      else sums.set(key, { labels, value: by });
    },
    samples: () => [...sums.values()].map(({ labels, value }) => ['', labels, value] as const),
  };
}

interface Histogram extends Family {
  observe(labels: Labels, value: number): void;
}

/** How often values fell below each bound. */
export function histogram(name: string, help: string, bounds: readonly number[]): Histogram {
  const series = new Map<string, { labels: Labels; counts: number[]; sum: number }>();
  return {
    ...{ name, help, type: 'histogram' },
    observe: (labels, value) => {
      const key = shown(labels);
      const found = series.get(key) ?? { labels, counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
      series.set(key, found);
      const at = bounds.findIndex((bound) => value <= bound);
      const bucket = at < 0 ? bounds.length : at;
      found.counts[bucket] = (found.counts[bucket] ?? 0) + 1;
      found.sum += value;
    },
    *samples() {
      for (const { labels, counts, sum } of series.values()) {
        let below = 0;
        for (const [i, count] of counts.entries()) {
          below += count;
          yield ['_bucket', { ...labels, le: bounds[i] ?? '+Inf' }, below];
        }
        yield ['_sum', labels, sum];
        yield ['_count', labels, below];
      }
    },
  };
}
