/**
 * What one straight piece of an input adds to its convolution with `exp(-rate t)`, and to the convolution with `t exp(-rate t)`:
 * exact, whatever the rate.
 *
 * @source Flouri et al. 2016, the convolution of piecewise linear inputs
 */
export interface FlowStep {
  /** Of what was there before. */
  decay: number;
  /** By the height at the start and by the slope. */
  byHeight: number;
  bySlope: number;
  /** The same of `t exp(-rate t)`. */
  momentByHeight: number;
  momentBySlope: number;
  seconds: number;
  rate: number;
}

export function createFlowStep(): FlowStep {
  const none = Number.NaN;
  return { decay: 1, byHeight: 0, bySlope: 0, momentByHeight: 0, momentBySlope: 0, seconds: none, rate: none };
}

/** Below it differences of near equals would lose digits: series are taken. */
const SERIES_BELOW = 0.2;

/** Sets the step for a length of time and a rate; nothing is done where it stands so already. */
export function setFlowStep(step: FlowStep, seconds: number, rate: number): void {
  if (step.seconds === seconds && step.rate === rate) return;
  step.seconds = seconds;
  step.rate = rate;
  const x = rate * seconds;
  const decay = Math.exp(-x);
  step.decay = decay;
  if (x < SERIES_BELOW) {
    setBySeries(step, seconds, x);
    return;
  }
  const zeroth = (1 - decay) / x;
  const first = (1 - decay * (1 + x)) / (x * x);
  const second = (2 - decay * (2 + x * (2 + x))) / (x * x * x);
  step.byHeight = seconds * zeroth;
  step.bySlope = (seconds * seconds * (1 - zeroth)) / x;
  step.momentByHeight = seconds * seconds * first;
  step.momentBySlope = seconds * seconds * seconds * (first - second);
}

/** Powers of -x over factorials; what is left out is below 1e-12. */
function setBySeries(step: FlowStep, seconds: number, x: number): void {
  let term = 1;
  let byHeight = 0;
  let bySlope = 0;
  let momentByHeight = 0;
  let momentBySlope = 0;
  const terms = x < 0.01 ? 5 : 9;
  for (let n = 0; n < terms; n++) {
    byHeight += term / (n + 1);
    bySlope += term / ((n + 1) * (n + 2));
    momentByHeight += term / (n + 2);
    momentBySlope += term / ((n + 2) * (n + 3));
    term *= -x / (n + 1);
  }
  step.byHeight = seconds * byHeight;
  step.bySlope = seconds * seconds * bySlope;
  step.momentByHeight = seconds * seconds * momentByHeight;
  step.momentBySlope = seconds * seconds * seconds * momentBySlope;
}
