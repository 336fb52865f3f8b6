import type { Scope, Tensor } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { readGolden } from '../read-golden.ts';
import { camelOptions, compareNetwork, networkCase } from './compare-network.ts';

const sorted = (record: Readonly<Record<string, unknown>>): [string, unknown][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

/** One test a case of `golden/networks/<file>.json`: names, shapes, forward, backward, running statistics. */
export function goldenNetworkTests<Options>(
  file: string,
  build: (scope: Scope, x: Tensor, options: Options) => Tensor | readonly Tensor[],
): void {
  const { cases, parity, tolerance } = readGolden(`networks/${file}`);
  for (const golden of cases) {
    test(`equals ${parity}: ${golden.name}`, async () => {
      const { network, parameters, buffers, outputShapes } = networkCase(golden);
      const options = camelOptions(network) as Options;
      const got = await compareNetwork(golden, (scope, x) => [build(scope, x, options)].flat() as Tensor[]);
      expect(Object.entries(got.parameters)).toEqual(sorted(parameters));
      expect(Object.entries(got.buffers)).toEqual(sorted(buffers));
      expect(got.outputShapes).toEqual(outputShapes);
      if (process.env['SHOW_ERRORS'])
        process.stdout.write(
          `${file} ${golden.name}: ${JSON.stringify([got.outputError, got.gradientError, got.bufferError])}\n`,
        );
      expect(got.outputError).toBeLessThan(tolerance);
      expect(got.gradientError).toBeLessThan(tolerance);
      expect(got.bufferError).toBeLessThan(tolerance);
    });
  }
}
