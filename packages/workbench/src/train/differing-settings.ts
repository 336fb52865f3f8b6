import type { TrainingAnswer } from '@vesalius/api';

interface SettingRow {
  readonly setting: string;
  /** One of each training; `–` where it has none. */
  readonly values: readonly string[];
}

/** What trainings were asked for, only where they were not asked the same. */
export function differingSettings(trainings: readonly TrainingAnswer[]): SettingRow[] {
  const all = trainings.map(({ request, cases, state }) => {
    const { series, ...rest } = request;
    return new Map<string, unknown>(
      Object.entries({ ...rest, ...(series && { series: series.length }), cases, state }),
    );
  });
  const names = [...new Set(all.flatMap((one) => [...one.keys()]))];
  return names
    .map((setting) => ({ setting, values: all.map((one) => String(one.get(setting) ?? '–')) }))
    .filter(({ values }) => new Set(values).size > 1);
}
