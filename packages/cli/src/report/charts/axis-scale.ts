/** Places of values along an axis. */
export interface AxisScale {
  readonly ticks: readonly number[];
  place(value: number): number;
}

export interface AxisScaleOptions {
  readonly low: number;
  readonly high: number;
  /** Where the low end and the high end lie. */
  readonly from: number;
  readonly to: number;
  /** About how many ticks. */
  readonly ticks: number;
}

/** A linear axis whose ends are round numbers. */
export function axisScale({ low, high, from, to, ticks }: AxisScaleOptions): AxisScale {
  const step = roundStep((high - low || Math.abs(high) || 1) / ticks);
  const [first, last] = [
    Math.floor(low / step + 1e-9),
    Math.max(Math.ceil(high / step - 1e-9), Math.floor(low / step) + 1),
  ];
  const [start, end] = [first * step, last * step];
  return {
    ticks: Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(10))),
    place: (value) => from + ((value - start) / (end - start)) * (to - from),
  };
}

/** 1, 2 or 5 times a power of ten. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= step * 0.999) ?? 10;
  return factor * power;
}

/** As short as a tick can be read: `1,500`, `0.85`. */
export function tickText(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 6 });
}
