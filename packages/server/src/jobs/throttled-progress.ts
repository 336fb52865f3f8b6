type Store = (fraction: number, message: string | undefined) => Promise<void>;

/** Keeps the last thing a job said of itself and stores it no more often than every `everyMs`. */
export function throttledProgress(everyMs: number, store: Store) {
  let latest: { fraction: number; message: string | undefined } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const write = () => {
    timer = undefined;
    if (!latest) return;
    const { fraction, message } = latest;
    latest = undefined;
    // A job does not fail because its progress could not be kept.
    writing = writing.then(() => store(Math.min(Math.max(fraction, 0), 1), message)).catch(() => undefined);
  };
  return {
    tell: (fraction: number, message?: string): void => {
      latest = { fraction, message: message ?? latest?.message };
      timer ??= setTimeout(write, everyMs).unref();
    },
    finish: async (): Promise<void> => {
      clearTimeout(timer);
      write();
      await writing;
    },
  };
}
