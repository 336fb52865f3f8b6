import type { Measure } from '../figure-result.ts';
import { measureHostile } from './f6-hostile.ts';
import { measureRobust } from './f6-robust.ts';

/** What a hostile site can do: to the model under each strategy, and at the door. */
export const measure: Measure = async (options) => ({
  figure: { ...(await measureHostile(options)), ...(await measureRobust(options)) },
  peer: {},
});
