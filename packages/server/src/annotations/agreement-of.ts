import type { AgreementAnswer } from '@vesalius/api';
import { majorityVote, staple } from '@vesalius/medical';
import { type Rated, valuesOf } from './rated.ts';

const CLASSES = 256;

/** How far the label maps of one series agree. */
export function agreementOf(rated: readonly Rated[]): AgreementAnswer {
  const annotations = rated.map(({ id }) => id);
  const values = valuesOf(rated);
  if (rated.length < 2) return { annotations, pairs: [], staple: [], majority: [] };
  return {
    annotations,
    pairs: pairsOf(rated, values),
    staple: stapleOf(rated, values),
    majority: majorityOf(rated, values),
  };
}

function pairsOf(rated: readonly Rated[], values: readonly number[]): AgreementAnswer['pairs'] {
  return rated.flatMap((a, i) =>
    rated.slice(i + 1).flatMap((b) => {
      const dice = diceOf(a.mask, b.mask);
      return values.map((value) => ({ a: a.id, b: b.id, value, dice: dice(value) }));
    }),
  );
}

function stapleOf(rated: readonly Rated[], values: readonly number[]): AgreementAnswer['staple'] {
  const masks = rated.map(({ mask }) => mask);
  return values.flatMap((value) =>
    staple(masks, { value }).raters.map((quality, i) => ({ annotation: rated[i]?.id ?? '', value, ...quality })),
  );
}

function majorityOf(rated: readonly Rated[], values: readonly number[]): AgreementAnswer['majority'] {
  const consensus = majorityVote(rated.map(({ mask }) => mask));
  return rated.map(({ id, mask }) => {
    const dice = diceOf(mask, consensus);
    return { annotation: id, dice: values.reduce((sum, value) => sum + dice(value), 0) / values.length };
  });
}

/** Of each value; 1 where neither has it. */
function diceOf(a: Uint8Array, b: Uint8Array): (value: number) => number {
  const [either, both] = [new Float64Array(CLASSES), new Float64Array(CLASSES)];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    either[x] = (either[x] as number) + 1;
    either[y] = (either[y] as number) + 1;
    if (x === y) both[x] = (both[x] as number) + 1;
  }
  return (value) => (either[value] === 0 ? 1 : (2 * (both[value] as number)) / (either[value] as number));
}
