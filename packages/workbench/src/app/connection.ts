const ASK_EVERY_MS = 2000;
const PATIENCE_MS = 5000;
/** What stands before a server that is gone says so itself. */
const GATEWAY = [502, 503, 504];

let lost = false;
let asking = false;
const listeners = new Set<() => void>();

/** Whether the server answers. It is asked only after somebody waited in vain, and then until it does. */
export const connection = {
  isLost: (): boolean => lost,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  /** A request got no answer. */
  suspect: (): void => {
    if (!asking) void askUntilThere();
  },
};

addEventListener('offline', connection.suspect);

async function askUntilThere(): Promise<void> {
  asking = true;
  while (!(await answers())) {
    become(true);
    await nextTry();
  }
  asking = false;
  become(false);
}

async function answers(): Promise<boolean> {
  try {
    const options = { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) } as const;
    return !GATEWAY.includes((await fetch('/health', options)).status);
  } catch {
    return false;
  }
}

/** A while later, or as soon as the browser has a network again. */
function nextTry(): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      removeEventListener('online', go);
      resolve();
    };
    const timer = setTimeout(go, ASK_EVERY_MS);
    addEventListener('online', go);
  });
}

function become(now: boolean): void {
  if (now === lost) return;
  lost = now;
  for (const listener of [...listeners]) listener();
}
