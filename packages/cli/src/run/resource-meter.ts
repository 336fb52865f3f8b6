const EVERY_MS = 5000;

/** What this process uses, as curves; nothing where it was asked a moment ago. */
export interface ResourceMeter {
  read(): Readonly<Record<string, number>> | undefined;
}

/** Processor cores are the mean since the reading before. */
export function resourceMeter(now: () => number = () => performance.now()): ResourceMeter {
  let [before, used] = [now(), process.cpuUsage()];
  return {
    read: () => {
      const elapsed = now() - before;
      if (elapsed < EVERY_MS) return undefined;
      const { user, system } = process.cpuUsage(used);
      [before, used] = [now(), process.cpuUsage()];
      return {
        'resources/cpu_cores': (user + system) / 1000 / elapsed,
        'resources/memory_gb': process.memoryUsage.rss() / 1e9,
      };
    },
  };
}
