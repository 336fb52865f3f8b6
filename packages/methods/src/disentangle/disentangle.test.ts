import { ops as $, compile, createNetworkBuilder, initialValues, type Tensor } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { type DisentangleOptions, disentangle } from './disentangle.ts';

const shape = [1, 3, 8, 8];
const options: DisentangleOptions = { outChannels: 2, channels: [3, 4], appearanceSize: 5 };

function build(training = false, changes: Partial<DisentangleOptions> = {}, imageShape = shape) {
  const { scope, variables } = createNetworkBuilder({ training });
  const inputs = { image: $.input('image', imageShape), mask: $.input('mask', imageShape.slice(0, 2)) };
  return { ...disentangle(scope, inputs, { ...options, ...changes }), variables: variables() };
}

const image = Float32Array.from({ length: 3 * 64 }, (_, i) => Math.sin(0.7 * i) + Math.cos(0.013 * i * i));
const withModality = (m: number, value: (i: number) => number): Float32Array =>
  image.map((v, i) => (Math.floor(i / 64) === m ? value(i) : v));

/** One program of an untrained network, asked several times. */
async function ask(questions: readonly { image: Float32Array; mask: readonly number[] }[]) {
  const { logits, gates, variables } = build();
  const states = Object.fromEntries(variables.map(({ name, tensor }) => [name, { current: tensor }]));
  const program = await compile({ outputs: { y: logits[0] as Tensor, gates }, states }, { threads: 1 });
  for (const [name, value] of initialValues(variables, 3))
    if (program.stateNames.includes(name)) program.writeState(name, value);
  const answers: { y: readonly number[]; gates: readonly number[] }[] = [];
  for (const { image: data, mask } of questions) {
    const found = await program.run({
      image: { shape, dtype: 'float32', data },
      mask: { shape: [1, 3], dtype: 'float32', data: Float32Array.from(mask) },
    });
    const numbers = (name: string): number[] => Array.from(found[name]?.data ?? [], Number);
    answers.push({ y: numbers('y'), gates: numbers('gates') });
  }
  await program.close();
  return answers;
}

test('answers at the size of the image; while training at every level, and makes every modality again', () => {
  expect(build().logits.map((y) => y.shape)).toEqual([[1, 2, 8, 8]]);
  expect(build().reconstruction).toBeUndefined();
  const { logits, reconstruction, content, appearance, gates } = build(true);
  expect(logits.map((y) => y.shape)).toEqual([
    [1, 2, 8, 8],
    [1, 2, 4, 4],
  ]);
  expect(reconstruction?.shape).toEqual([3, 1, 8, 8]);
  expect(content.map((levels) => levels.map((level) => level.shape))).toEqual(
    Array.from({ length: 3 }, () => [
      [1, 3, 8, 8],
      [1, 4, 4, 4],
    ]),
  );
  expect(appearance.map(({ mean, logVariance }) => [mean.shape, logVariance.shape])).toEqual(
    Array.from({ length: 3 }, () => [
      [1, 5],
      [1, 5],
    ]),
  );
  expect(gates.shape).toEqual([1, 3]);
  expect(build(true, { reconstructionLevel: 1 }).reconstruction?.shape).toEqual([3, 1, 4, 4]);
  const behind = build(true, { stem: 2 });
  expect([behind.logits[0]?.shape, behind.reconstruction?.shape]).toEqual([
    [1, 2, 8, 8],
    [3, 1, 4, 4],
  ]);
  expect(build(false, {}, [2, 2, 4, 4, 8]).logits[0]?.shape).toEqual([2, 2, 4, 4, 8]);
});

test('what a missing modality holds changes nothing, not even what is no number; what a present one holds does', async () => {
  const answers = await ask([
    { image, mask: [1, 1, 1] },
    { image, mask: [1, 0, 1] },
    { image: withModality(1, () => Number.NaN), mask: [1, 0, 1] },
    { image: withModality(2, (i) => 5 * Math.cos(i)), mask: [1, 0, 1] },
  ]);
  const [full, without, broken, changed] = answers.map(({ y }) => y);
  expect(broken).toEqual(without);
  expect(changed).not.toEqual(without);
  expect(full).not.toEqual(without);
});

test('gates share out what is let through among the modalities that are there', async () => {
  for (const { gates } of await ask([{ image, mask: [1, 0, 1] }])) {
    expect(gates.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(gates.map((gate) => gate > 0)).toEqual([true, false, true]);
  }
});

test('contrast changes content little and appearance much', async () => {
  const { scope, variables } = createNetworkBuilder();
  const x = $.input('image', shape);
  const { content, appearance } = disentangle(scope, { image: x, mask: $.constant([1, 1, 1], [1, 3]) }, options);
  const outputs = { content: content[0]?.[0] as Tensor, appearance: appearance[0]?.mean as Tensor };
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  const program = await compile({ outputs, states }, { threads: 1 });
  for (const [name, value] of initialValues(variables(), 1))
    if (program.stateNames.includes(name)) program.writeState(name, value);
  const far = async (data: Float32Array, name: 'content' | 'appearance'): Promise<number> => {
    const read = async (one: Float32Array) =>
      Array.from((await program.run({ image: { shape, dtype: 'float32', data: one } }))[name]?.data ?? [], Number);
    const [a, b] = [await read(image), await read(data)];
    return Math.hypot(...a.map((value, i) => value - (b[i] as number))) / Math.hypot(...a);
  };
  const brighter = image.map((value) => 3 * value);
  expect(await far(brighter, 'content')).toBeLessThan(0.4);
  expect(await far(brighter, 'appearance')).toBeGreaterThan(0.5);
  expect(await far(image.toReversed(), 'content')).toBeGreaterThan(0.5);
  await program.close();
});

test('refuses masks and sizes that do not fit', () => {
  expect(() => build(false, {}, [1, 3, 8, 7])).toThrow('multiples of 2');
  const { scope } = createNetworkBuilder();
  const wrong = { image: $.input('image', shape), mask: $.input('mask', [1, 4]) };
  expect(() => disentangle(scope, wrong, options)).toThrow('SHAPE_MISMATCH');
});
