/** How labels lie over the images of this page, and which may not be changed; nothing of it is saved. */
export interface LabelLooks {
  readonly hidden: ReadonlySet<number>;
  readonly locked: ReadonlySet<number>;
  /** 0 to 1 */
  readonly opacity: number;
}

export const USUAL_LOOKS: LabelLooks = { hidden: new Set(), locked: new Set(), opacity: 0.45 };

export function toggled(values: ReadonlySet<number>, value: number): ReadonlySet<number> {
  return new Set(values.has(value) ? [...values].filter((one) => one !== value) : [...values, value]);
}
