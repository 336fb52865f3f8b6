import type { ArterialInput } from './arterial-input.ts';
import { createFlowStep, type FlowStep, setFlowStep } from './flow-step.ts';

/** What an input does to tissue at each time of a measurement; filled anew by every call of `respond`. */
export interface TissueResponse {
  /** Integral of the input up to then, decayed with the rate: mM s. */
  readonly retained: Float64Array;
  /** How `retained` falls with the rate. */
  readonly moment: Float64Array;
  /** The input itself, mM, and its slope, mM/s. */
  readonly plasma: Float64Array;
  readonly slope: Float64Array;
  /**
   * @param perSecond - rate of the way back into the plasma
   * @param delaySeconds - how much later than it stands the input arrives
   */
  respond(perSecond: number, delaySeconds: number): void;
}

/** Takes memory once; `respond` then fills it for one rate and delay after another. */
export function createTissueResponse(input: ArterialInput, seconds: Float64Array): TissueResponse {
  const knots = input.seconds.length;
  const atKnots = new Float64Array(knots);
  const momentAtKnots = new Float64Array(knots);
  const [whole, part] = [createFlowStep(), createFlowStep()];
  const response: TissueResponse = {
    retained: new Float64Array(seconds.length),
    moment: new Float64Array(seconds.length),
    plasma: new Float64Array(seconds.length),
    slope: new Float64Array(seconds.length),
    respond(perSecond, delaySeconds) {
      flowToKnots(input, { atKnots, momentAtKnots }, perSecond, whole);
      let knot = 0;
      for (let i = 0; i < seconds.length; i++) {
        const time = (seconds[i] as number) - delaySeconds;
        while (knot < knots - 1 && (input.seconds[knot + 1] as number) <= time) knot++;
        const after = time - (input.seconds[knot] as number);
        const height = input.plasma[knot] as number;
        if (after < 0) {
          setSample(response, i, 0, 0, 0, 0);
          continue;
        }
        const slope = knot < knots - 1 ? slopeAfter(input, knot) : 0;
        setFlowStep(part, after, perSecond);
        const held = atKnots[knot] as number;
        const moment = momentAtKnots[knot] as number;
        setSample(
          response,
          i,
          part.decay * held + height * part.byHeight + slope * part.bySlope,
          part.decay * (moment + after * held) + height * part.momentByHeight + slope * part.momentBySlope,
          height + slope * after,
          slope,
        );
      }
    },
  };
  return response;
}

// Five numbers in place of an object: this runs for every sample of every voxel.
function setSample(
  response: TissueResponse,
  i: number,
  retained: number,
  moment: number,
  plasma: number,
  slope: number,
): void {
  response.retained[i] = retained;
  response.moment[i] = moment;
  response.plasma[i] = plasma;
  response.slope[i] = slope;
}

function flowToKnots(
  input: ArterialInput,
  { atKnots, momentAtKnots }: { atKnots: Float64Array; momentAtKnots: Float64Array },
  perSecond: number,
  step: FlowStep,
): void {
  atKnots[0] = 0;
  momentAtKnots[0] = 0;
  for (let knot = 0; knot < input.seconds.length - 1; knot++) {
    const seconds = (input.seconds[knot + 1] as number) - (input.seconds[knot] as number);
    setFlowStep(step, seconds, perSecond);
    const height = input.plasma[knot] as number;
    const slope = slopeAfter(input, knot);
    const held = atKnots[knot] as number;
    const moment = momentAtKnots[knot] as number;
    atKnots[knot + 1] = step.decay * held + height * step.byHeight + slope * step.bySlope;
    momentAtKnots[knot + 1] =
      step.decay * (moment + seconds * held) + height * step.momentByHeight + slope * step.momentBySlope;
  }
}

function slopeAfter({ seconds, plasma }: ArterialInput, knot: number): number {
  const rise = (plasma[knot + 1] as number) - (plasma[knot] as number);
  return rise / ((seconds[knot + 1] as number) - (seconds[knot] as number));
}
