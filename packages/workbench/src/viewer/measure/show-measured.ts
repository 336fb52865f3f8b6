import type { Measured } from './measurement.ts';

/** The figures as text, such as `12.3 mm`. @param valueUnit - of the image's values, such as `HU` */
export function showMeasured(measured: Measured, valueUnit = ''): string {
  const { unit, length, degrees, area, mean, deviation, value } = measured;
  const inUnit = valueUnit === '' ? '' : ` ${valueUnit}`;
  const parts = [
    length === undefined ? '' : `${length.toFixed(1)} ${unit}`,
    degrees === undefined ? '' : `${degrees.toFixed(1)}°`,
    area === undefined ? '' : `${area.toFixed(1)} ${unit}²`,
    mean === undefined ? '' : `${mean.toFixed(1)} ± ${(deviation ?? 0).toFixed(1)}${inUnit}`,
    value === undefined ? '' : `${Number(value.toFixed(2))}${inUnit}`,
  ];
  return parts.filter(Boolean).join(', ');
}
