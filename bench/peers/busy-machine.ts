import { availableParallelism, loadavg } from 'node:os';

/** Share of the processors that other work has kept busy over the last minute; times by the clock mean little above a tenth. */
export function busyShare(log: (line: string) => void): number {
  const share = Number(((loadavg()[0] as number) / availableParallelism()).toFixed(2));
  if (share > 0.1) log(`other work keeps ${share} of the processors busy: times by the clock mean little`);
  return share;
}
