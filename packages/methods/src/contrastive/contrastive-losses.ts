import { ops as $, range, type Tensor } from '@vesalius/engine';
import { type ContrastiveLossOptions, diagonal } from './article-loss.ts';

const FAR = -1e9;
const EPSILON = 1e-12;

/** Rows of length 1. */
export function unitRows(x: Tensor): Tensor {
  const last = x.shape.length - 1;
  const length = $.sqrt($.maximum($.sum($.square(x), [last]), EPSILON));
  return $.div(x, $.reshape(length, x.shape.with(-1, 1)));
}

/**
 * Normalised temperature-scaled cross entropy: of each view, the other view of its image is to be found among all views of the batch.
 *
 * @param first - `[B, D]`, and `second` alike, row by row two views of one image
 * @param apart - `[2B, 2B]`, 1 where two rows may count as negatives of each other, all by default: what is left out is neither drawn
 * together nor driven apart
 * @returns `[]`
 * @source Chen et al. 2020, A simple framework for contrastive learning of visual representations
 */
export function ntXent(
  first: Tensor,
  second: Tensor,
  { temperature = 0.5, apart }: ContrastiveLossOptions & { readonly apart?: Tensor } = {},
): Tensor {
  const [batch = 1] = first.shape;
  const both = unitRows($.concat([first, second], 0));
  const same = diagonal(2 * batch);
  const similarities = $.matMul(both, both, { transposeB: true, scale: 1 / temperature });
  const partners = partnerMatrix(batch);
  const counted = apart ? $.maximum(apart, partners) : undefined;
  const hidden = counted ? $.maximum(same, $.sub(1, counted)) : same;
  const logits = $.add(similarities, $.mul(hidden, FAR));
  return crossEntropyTo(partners, logits);
}

/** 1 where two rows of both views' batch show one image, `[2B, 2B]`. */
function partnerMatrix(batch: number): Tensor {
  const size = 2 * batch;
  return $.constant(
    range(size * size).map((i) => ((Math.floor(i / size) + batch) % size === i % size ? 1 : 0)),
    [size, size],
  );
}

function crossEntropyTo(wanted: Tensor, logits: Tensor): Tensor {
  return $.reshape($.neg($.mean($.sum($.mul(wanted, $.logSoftmax(logits, 1)), [1]))), []);
}

/**
 * What the student makes of a view is to be found among what the teacher makes of the batch's other views.
 *
 * @param student - `[B, D]`
 * @param teacher - `[B, D]`, row by row another view of the same image; no gradient goes through it if it comes from `stopGradient`
 * @returns `[]`, scaled by twice the temperature
 * @source Chen, Xie and He 2021, An empirical study of training self-supervised vision transformers (MoCo v3)
 */
export function mocoLoss(student: Tensor, teacher: Tensor, { temperature = 0.2 }: ContrastiveLossOptions = {}): Tensor {
  const logits = $.matMul(unitRows(student), unitRows(teacher), { transposeB: true, scale: 1 / temperature });
  return $.mul(crossEntropyTo(diagonal(student.shape[0] as number), logits), 2 * temperature);
}

/**
 * The student predicts the teacher's answer to another view; no negatives.
 *
 * @param student - `[..., D]`, and `teacher` alike
 * @returns `[]`: 2 - 2 cos, the mean over rows
 * @source Grill et al. 2020, Bootstrap your own latent
 */
export function byolLoss(student: Tensor, teacher: Tensor): Tensor {
  const last = student.shape.length - 1;
  const cosines = $.sum($.mul(unitRows(student), unitRows(teacher)), [last]);
  return $.reshape($.mean($.sub(2, $.mul(cosines, 2))), []);
}

export interface DinoOptions {
  /** 0.1 by default. */
  readonly studentTemperature?: number;
  /** 0.04 by default. */
  readonly teacherTemperature?: number;
}

/**
 * The student's distribution over prototypes is to be the teacher's, which is centred and sharpened.
 *
 * @param student - logits `[B, K]`, and `teacher` alike
 * @param centre - `[1, K]`, a moving mean of the teacher's logits
 * @returns `[]`
 * @source Caron et al. 2021, Emerging properties in self-supervised vision transformers
 */
export function dinoLoss(
  student: Tensor,
  teacher: Tensor,
  centre: Tensor,
  { studentTemperature = 0.1, teacherTemperature = 0.04 }: DinoOptions = {},
): Tensor {
  const wanted = $.softmax($.div($.sub(teacher, centre), teacherTemperature), 1);
  return crossEntropyTo(wanted, $.div(student, studentTemperature));
}
