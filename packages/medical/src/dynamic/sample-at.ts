/**
 * Values of a curve at other times, by straight lines between its samples; before the first and after the last it stays as it is
 * there. Heights are kept: nothing comes out that lies outside the curve's own range.
 *
 * @param times - in any order
 */
export function sampleAt(curve: ArrayLike<number>, seconds: Float64Array, times: Float64Array): Float64Array {
  let i = 0;
  return times.map((time) => {
    while (i < seconds.length - 2 && (seconds[i + 1] as number) <= time) i++;
    while (i > 0 && (seconds[i] as number) > time) i--;
    const [from, to] = [seconds[i] as number, seconds[i + 1] as number];
    const share = Math.min(1, Math.max(0, (time - from) / (to - from)));
    return (1 - share) * (curve[i] as number) + share * (curve[i + 1] as number);
  });
}
