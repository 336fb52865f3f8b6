import type { AgreementAnswer } from '@vesalius/api';
import { majorityVote, staple } from '@vesalius/medical';
import type { Annotation } from './annotations.ts';

/** Of more, the newest are compared: all their masks are held at once. */
const MOST = 12;
const CLASSES = 256;

interface Rated {
  readonly id: string;
  readonly mask: Uint8Array;
}

/** How far the label maps of one series agree; those on another grid than the newest are left out. */
export async function agreementOf(
  annotations: readonly Annotation[],
  readMask: (id: string) => Promise<Uint8Array>,
): Promise<AgreementAnswer> {
  const size = String(annotations[0]?.size);
  const compared = annotations.filter((one) => String(one.size) === size).slice(0, MOST);
  const rated: Rated[] = [];
  for (const { id } of compared) rated.push({ id, mask: await readMask(id) });
  const values = [...new Set(compared.flatMap(({ segments }) => segments.map(({ value }) => value)))].sort(
    (a, b) => a - b,
  );
  const ids = rated.map(({ id }) => id);
  if (rated.length < 2) return { annotations: ids, pairs: [], staple: [], majority: [] };
  return {
    annotations: ids,
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
