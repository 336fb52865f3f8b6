import { Random } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { compressionNamed, strategyNamed } from '../strategies/strategy-named.ts';
import { CommonModel, joinLayers, splitLayers } from './common-model.ts';

const layout = [
  { name: 'conv', shape: [16, 20] },
  { name: 'bn.scale', shape: [16] },
];
const values = (seed: string) =>
  new Map(
    layout.map(({ name, shape }) => [
      name,
      new Random(`${seed} ${name}`).fillNormal(new Float32Array(shape.reduce((a, b) => a * b))),
    ]),
  );
const updates = (round: number) =>
  ['a', 'b', 'c'].map((site, n) => ({ site, examples: 10 + n, change: values(`${site} ${round}`) }));

test.each([
  ['fedavg', 'float32'],
  ['fedadam', 'largest:0.2'],
  ['fedyogi', '4-bit'],
  ['median', 'low-rank:0.3'],
])('%s with %s down goes on elsewhere to the same model', (name, down) => {
  const options = () => ({ layout, strategy: strategyNamed(name, 3), down: compressionNamed(down), seed: 1 });
  const first = new CommonModel(options(), values('first'));
  first.close(1, updates(1));
  const second = new CommonModel(options(), first.kept());
  expect(second.close(2, updates(2))).toEqual(first.close(2, updates(2)));
  expect(joinLayers(layout, second.model)).toEqual(joinLayers(layout, first.model));
});

test('what a site adds is told by how far its change lies from the common one', () => {
  const model = new CommonModel(
    { layout, strategy: strategyNamed('fedavg', 3), down: compressionNamed('float32'), seed: 1 },
    values('first'),
  );
  const change = values('change');
  const against = new Map([...change].map(([layer, all]) => [layer, all.map((value) => -value)]));
  const { shares } = model.close(1, [
    { site: 'with', examples: 3, change },
    { site: 'against', examples: 1, change: against },
  ]);
  expect(shares.map(({ contribution }) => contribution)).toEqual([expect.closeTo(1.5, 4), expect.closeTo(-0.5, 4)]);
  expect(shares.map(({ drift }) => drift)).toEqual([expect.closeTo(1, 4), expect.closeTo(3, 4)]);
});

test('layers in one row come back, and no other bytes do', () => {
  const model = values('model');
  expect(splitLayers(layout, joinLayers(layout, model))).toEqual(model);
  expect(splitLayers(layout, new Uint8Array(7))).toBeUndefined();
});
