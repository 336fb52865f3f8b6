import { ops as $, compile, createNetworkBuilder, initialValues, type Scope, type Tensor } from '@vesalius/engine';
import { checkGradients } from '@vesalius/engine/testing/check-gradients';
import { expect, test } from 'vitest';
import { crossModal } from './cross-modal.ts';
import { type MmFormerOptions, mmFormer } from './mm-former.ts';

const size = { stem: 1, channels: [3, 4, 6], hiddenSize: 8, mlpDim: 12, numLayers: 1, numHeads: 2 } as const;
const options: MmFormerOptions = { outChannels: 2, size };
const shape = [1, 3, 8, 8, 8];

function build(training = false, changes: Partial<MmFormerOptions> = {}, imageShape = shape) {
  const { scope, variables } = createNetworkBuilder({ training });
  const image = $.input('image', imageShape);
  const mask = $.input('mask', imageShape.slice(0, 2));
  return { ...mmFormer(scope, { image, mask }, { ...options, ...changes }), variables: variables() };
}

interface Answer {
  readonly y: readonly number[];
  readonly attention: readonly number[];
}

/** One program of an untrained network, asked several times. */
async function ask(questions: readonly { image: Float32Array; mask: readonly number[] }[]) {
  const { logits, attention, variables } = build();
  const states = Object.fromEntries(variables.map(({ name, tensor }) => [name, { current: tensor }]));
  const program = await compile({ outputs: { y: logits[0] as Tensor, attention }, states }, { threads: 1 });
  for (const [name, value] of initialValues(variables, 3)) program.writeState(name, value);
  const answers: Answer[] = [];
  for (const { image, mask } of questions) {
    const found = await program.run({
      image: { shape, dtype: 'float32', data: image },
      mask: { shape: [1, 3], dtype: 'float32', data: Float32Array.from(mask) },
    });
    answers.push({
      y: Array.from(found['y']?.data ?? [], Number),
      attention: Array.from(found['attention']?.data ?? [], Number),
    });
  }
  await program.close();
  return answers;
}

const image = Float32Array.from({ length: 3 * 512 }, (_, i) => Math.sin(0.7 * i) + Math.cos(0.013 * i * i));
const withModality = (m: number, value: (i: number) => number): Float32Array =>
  image.map((v, i) => (Math.floor(i / 512) === m ? value(i) : v));

test('answers at the size of the image; while training at every level, fused and from each modality alone', () => {
  expect(build().logits.map((y) => y.shape)).toEqual([[1, 2, 8, 8, 8]]);
  expect(build().auxiliary).toEqual([]);
  const { logits, auxiliary, attention } = build(true);
  expect(logits.map((y) => y.shape)).toEqual([
    [1, 2, 8, 8, 8],
    [1, 2, 4, 4, 4],
    [1, 2, 2, 2, 2],
  ]);
  expect(auxiliary.map((y) => y.shape)).toEqual([
    [3, 2, 8, 8, 8],
    [3, 2, 4, 4, 4],
    [3, 2, 2, 2, 2],
  ]);
  expect(attention.shape).toEqual([1, 3, 2, 2, 2]);
  expect(build(true, { auxiliaryLevel: 1 }).auxiliary[0]?.shape).toEqual([3, 2, 4, 4, 4]);
  expect(build(false, {}, [2, 2, 8, 16]).logits[0]?.shape).toEqual([2, 2, 8, 16]);
});

test('behind a stem answers still have the size of the image', () => {
  const { logits, auxiliary } = build(true, { size: { ...size, stem: 2 } }, [1, 2, 8, 16, 8]);
  expect(logits.map((y) => y.shape.slice(2))).toEqual([
    [8, 16, 8],
    [2, 4, 2],
    [1, 2, 1],
  ]);
  expect(auxiliary[0]?.shape).toEqual([2, 2, 8, 16, 8]);
});

test('all modalities share the auxiliary decoder, and none an encoder', () => {
  const count = (part: string, modalities: number) =>
    build(true, {}, [1, modalities, 8, 8, 8]).variables.filter(({ name }) => name.startsWith(part)).length;
  expect(count('auxiliary', 4)).toBe(count('auxiliary', 2));
  expect(count('modalities', 4)).toBe(2 * count('modalities', 2));
});

test('what a missing modality holds changes nothing, not even what is no number; what a present one holds does', async () => {
  const answers = await ask([
    { image, mask: [1, 1, 1] },
    { image, mask: [1, 0, 1] },
    { image: withModality(1, (i) => 5 * Math.cos(i)), mask: [1, 0, 1] },
    { image: withModality(1, () => Number.NaN), mask: [1, 0, 1] },
    { image: withModality(2, (i) => 5 * Math.cos(i)), mask: [1, 0, 1] },
  ]);
  const [full, without, other, broken, changed] = answers.map(({ y }) => y);
  expect(other).toEqual(without);
  expect(broken).toEqual(without);
  expect(changed).not.toEqual(without);
  expect(full).not.toEqual(without);
});

test('each place shares its attention among the modalities that are there', async () => {
  for (const mask of [
    [1, 1, 1],
    [1, 0, 1],
    [0, 1, 0],
  ]) {
    const [answer] = await ask([{ image, mask }]);
    const attention = answer?.attention ?? [];
    for (let place = 0; place < 8; place++) {
      const shares = mask.map((_, m) => attention[8 * m + place] ?? Number.NaN);
      expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      for (const [m, there] of mask.entries()) {
        if (there) expect(shares[m]).toBeGreaterThan(0);
        else expect(shares[m]).toBe(0);
      }
    }
  }
});

test('with a transformer that changes nothing, every voxel of every modality keeps its place', async () => {
  const { scope, variables } = createNetworkBuilder();
  const space = [2, 3, 4];
  const features = [0, 1, 2].map((m) => $.input(`x${m}`, [1, 2, ...space]));
  const mask = $.constant([1, 1, 1], [1, 3]);
  const joined = crossModal(scope, features, { ...size, numLayers: 0, mask });
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  const program = await compile({ outputs: { y: joined.features }, states }, { threads: 1 });
  for (const [name, value] of initialValues(variables(), 1)) program.writeState(name, value);
  const answer = async (modality: number, touched: number): Promise<number[]> => {
    const feeds = features.map((x, m) => {
      const data = Float32Array.from(
        { length: 48 },
        (_, i) => Math.sin(i + m) + (m === modality && i === touched ? 1 : 0),
      );
      return [`x${m}`, { shape: x.shape, dtype: 'float32' as const, data }] as const;
    });
    return Array.from((await program.run(Object.fromEntries(feeds)))['y']?.data ?? [], Number);
  };
  const before = await answer(-1, -1);
  for (const [modality, place] of [
    [0, 0],
    [1, 17],
    [2, 23],
  ] as const) {
    const after = await answer(modality, 24 + place);
    const moved = after.flatMap((value, i) => (Math.abs(value - (before[i] as number)) > 1e-6 ? [i % 24] : []));
    expect(new Set(moved)).toEqual(new Set([place]));
  }
  await program.close();
});

test('its gradient by image and weights is that of central differences', async () => {
  const small = { outChannels: 2, size: { ...size, channels: [2, 3] } };
  const space = [1, 2, 4, 4];
  const names = build(true, small, space).variables.map(({ name, tensor }) => ({ name, shape: tensor.shape }));
  const { first } = await checkGradients(
    [space, ...names.map((one) => one.shape)],
    ([moved, ...weights]) => {
      const given = new Map(names.map(({ name }, i) => [name, weights[i] as Tensor]));
      const { scope } = createNetworkBuilder({ training: true });
      const at = (prefix: string): Scope => ({
        ...scope,
        child: (name) => at(`${prefix}${name}.`),
        parameter: (name) => given.get(prefix + name) as Tensor,
      });
      const inputs = { image: moved as Tensor, mask: $.constant([1, 0], [1, 2]) };
      const { logits, auxiliary } = mmFormer(at(''), inputs, small);
      const answers = [...logits, ...auxiliary].map((y) => $.reshape(y, [-1]));
      return $.concat(answers, 0);
    },
    { dtype: 'float32', epsilon: 1e-3 },
  );
  expect(first.error).toBeLessThan(0.01);
  expect(Math.abs(first.derivative)).toBeGreaterThan(0.1);
});

test('refuses masks and sizes that do not fit', () => {
  expect(() => build(false, {}, [1, 3, 8, 8, 6])).toThrow('multiples of 4');
  const { scope } = createNetworkBuilder();
  const wrong = { image: $.input('image', shape), mask: $.input('mask', [1, 4]) };
  expect(() => mmFormer(scope, wrong, options)).toThrow('SHAPE_MISMATCH');
});
