import { useEffect } from 'react';
import type { ViewModel } from './view-model.ts';

const DEFAULT_SECONDS = 1 / 12;
const LEAST_SECONDS = 1 / 30;

/** Steps through time, or through the frames of a film, while `playing` is set. */
export function usePlaying(model: ViewModel, playing: boolean): void {
  useEffect(() => {
    if (!playing) return;
    const { timeStepSeconds, timePoints } = model.series;
    const seconds = timeStepSeconds > 0 && timeStepSeconds < 1 ? timeStepSeconds : DEFAULT_SECONDS;
    const timer = setInterval(() => {
      if (timePoints > 1) model.update({ time: (model.state.time + 1) % timePoints });
      else if (model.state.voxel[2] >= model.slices - 1) model.step(2, -model.slices);
      else model.step(2, 1);
    }, 1000 * Math.max(LEAST_SECONDS, seconds));
    return () => clearInterval(timer);
  }, [model, playing]);
}
