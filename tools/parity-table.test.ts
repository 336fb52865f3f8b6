import { expect, test } from 'vitest';
import { parityProblems, parityTable, parityTags, readsGolden } from './parity-table.ts';

const SOURCE = `
/** Soft Dice. @parity monai.losses.DiceLoss(softmax=True) */
export function diceLoss() {}

/** Not a claim. */
export const nothing = 1;

/**
 * Two claims.
 *
 * @parity torch.nn.ReLU
 * @parity torch.relu
 */
export const relu = 1;
`;
const dice = { name: 'losses/dice', parity: 'monai.losses.DiceLoss(sigmoid=True)', cases: 3, tolerance: 1e-5 };

test('a tag belongs to the export below its docstring', () => {
  expect(parityTags(SOURCE, 'a.ts').map(({ ours, original }) => [ours, original])).toEqual([
    ['diceLoss', 'monai.losses.DiceLoss(softmax=True)'],
    ['relu', 'torch.nn.ReLU'],
    ['relu', 'torch.relu'],
  ]);
});

test('options do not matter where a tag is matched with a golden file', () => {
  const tags = parityTags(SOURCE, 'a.ts').slice(0, 1);
  const input = { tags, golden: [dice], tests: ["readGolden('losses/dice')"] };
  expect(parityProblems(input)).toEqual([]);
  expect(parityTable(input)).toContain(
    '| [`diceLoss`](a.ts) | `monai.losses.DiceLoss(softmax=True)` | [losses/dice](golden/losses/dice.json) | 3 | 0.00001 |',
  );
});

test('names a tag without answers, and answers that no test reads', () => {
  const tags = [{ ours: 'relu', file: 'a.ts', original: 'torch.relu' }];
  expect(parityProblems({ tags, golden: [dice], tests: [] })).toEqual([
    'a.ts: relu claims torch.relu, which no golden file answers',
    'golden/losses/dice.json: no test reads it',
  ]);
});

test('a golden name may be put together in a test', () => {
  const source = `{ dice: 1 }.map((name) => readGolden(\`losses/\${name}\`))`;
  expect(['losses/dice', 'losses/focal'].map((name) => readsGolden(source, name))).toEqual([true, false]);
});
