import { ops as $, type Scope, type Tensor } from '@vesalius/engine';
import { diagonal } from './article-loss.ts';
import { unitRows } from './contrastive-losses.ts';
import { projector } from './film-encoder.ts';

const TEMPERATURE = 0.2;
const FAR = -1e9;

export interface PlaceLossOptions {
  readonly batchSize: number;
  readonly placeCount?: number;
}

interface Pair<T> {
  readonly student: T;
  readonly teacher: T;
}

/**
 * A place that the student sees in one view is to be found among the places the teacher sees: in the other view of the film, and in the next
 * film of the batch, which shows another patient. Neighbours of a place are not held against it, and two patients' patches that do not look
 * alike there are not drawn together.
 *
 * @param features - `[2B, C, H, W]`: of the first views and then of the second
 * @returns `[]`
 * @source after Zhou et al. 2023, Learning anatomically consistent embedding for chest radiography (PEAC): corresponding patches of a stable grid
 */
export function placeLoss(
  { batchSize, placeCount = 48 }: PlaceLossOptions,
  scopes: Pair<Scope>,
  features: { readonly own: Tensor; readonly taught: Tensor },
): Tensor {
  const apart = $.input('places.apart', [placeCount, placeCount]);
  const alike = $.input('places.alike', [batchSize, placeCount]);
  const cells = ['first', 'second'].map((name) => $.input(`places.${name}`, [placeCount], 'int64')) as [Tensor, Tensor];
  const seen = (scope: Scope, places: Tensor, view: 0 | 1): Tensor => {
    const half = $.sliceAxis(places, 0, view * batchSize, (view + 1) * batchSize);
    const [, channels = 1] = half.shape;
    const rows = $.transpose($.reshape(half, [batchSize, channels, -1]), [0, 2, 1]);
    return unitRows(projector(scope.child('places'), $.gather(rows, cells[view], 1)));
  };
  const student = ([0, 1] as const).map((view) => seen(scopes.student, features.own, view)) as [Tensor, Tensor];
  const teacher = ([0, 1] as const).map((view) => $.stopGradient(seen(scopes.teacher, features.taught, view))) as [
    Tensor,
    Tensor,
  ];
  const wanted = $.reshape(diagonal(placeCount), [1, placeCount, placeCount]);
  const hidden = $.mul($.reshape($.sub(1, $.maximum(apart, wanted)), [1, placeCount, placeCount]), FAR);
  const missed = (a: Tensor, b: Tensor): Tensor => {
    const logits = $.add($.matMul(a, b, { transposeB: true, scale: 1 / TEMPERATURE }), hidden);
    return $.neg($.reshape($.sum($.mul(wanted, $.logSoftmax(logits, 2)), [2]), [batchSize, placeCount]));
  };
  const within = $.add($.mean(missed(student[0], teacher[1])), $.mean(missed(student[1], teacher[0])));
  // The first view of a film and the second of the next, each as the student's once.
  const next = missed(student[0], rolled(teacher[1]));
  const last = missed(rolled(student[1]), teacher[0]);
  const across = $.div($.sum($.mul($.add(next, last), alike)), $.maximum($.sum(alike), 1));
  return $.mul($.add($.reshape(within, []), $.reshape(across, [])), 0.5 * TEMPERATURE);
}

/** Each film's place taken by the next. */
function rolled(x: Tensor): Tensor {
  const [batch = 1] = x.shape;
  return $.concat([$.sliceAxis(x, 0, 1, batch), $.sliceAxis(x, 0, 0, 1)], 0);
}
