/** Of new classes, in their order: apart from each other, also for who sees few colours. */
const COLORS = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'] as const;

export const colorOf = (index: number): string => COLORS[index % COLORS.length] ?? '#e69f00';

/** `#rrggbb` as 0 to 255. */
export function rgbOf(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
