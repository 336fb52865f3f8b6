import { expect, test } from 'vitest';
import { standardNormal } from './standard-normal.ts';

test('gives the quantiles of published tables in centre, shoulder and tail', () => {
  const quantiles = [
    [0.5, 0],
    [0.75, 0.6744897501960817],
    [0.975, 1.959963984540054],
    [1e-3, -3.090232306167813],
    [1e-9, -5.9978070150076865],
    [1e-14, -7.6506280929352695],
  ] as const;
  for (const [p, z] of quantiles)
    expect(Math.abs(standardNormal(p) - z)).toBeLessThanOrEqual(4e-15 * (1 + Math.abs(z)));
});

test('rises with its argument across the seams of the three approximations', () => {
  for (const seam of [0.075, 0.925, 1.3887943864964021e-11]) {
    expect(standardNormal(seam * (1 + 1e-9))).toBeGreaterThan(standardNormal(seam * (1 - 1e-9)));
  }
});
