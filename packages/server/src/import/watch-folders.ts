import { stat } from 'node:fs/promises';
import type { Services } from '../services.ts';
import { fileCandidate, filesBelow } from './folder-candidates.ts';
import { type Candidate, importCandidates } from './import-candidates.ts';

const LOOK_EVERY_MS = 5000;

interface Watching {
  /** Ends when the look under way has ended. */
  stop(): Promise<void>;
}

/**
 * Looks into the folders of the settings now and then and imports what is new there. A file counts as whole when two looks saw the
 * same size and time. After a restart all is looked at once more: what was imported is `present`.
 */
export function watchFolders(services: Services, lookEveryMs = LOOK_EVERY_MS): Watching {
  const stopping = new AbortController();
  const seen = new Map<string, { state: string; imported: boolean }>();
  let looking: Promise<void> = Promise.resolve();
  const look = async () => {
    for (const watched of services.settings.watchFolders) await importNew(watched, services, seen, stopping.signal);
  };
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    looking = look()
      .catch((error) => services.log.warn({ code: (error as { code?: string }).code }, 'a watched folder failed'))
      .finally(() => {
        busy = false;
      });
  }, lookEveryMs).unref();
  return {
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await looking;
    },
  };
}

async function importNew(
  { folder, project }: Services['settings']['watchFolders'][number],
  { archive, log }: Services,
  seen: Map<string, { state: string; imported: boolean }>,
  signal: AbortSignal,
): Promise<void> {
  const ready: Candidate[] = [];
  for (const file of await filesBelow(folder)) {
    const { size, mtimeMs } = await stat(file).catch(() => ({ size: 0, mtimeMs: 0 }));
    const state = `${size} ${mtimeMs}`;
    const known = seen.get(file);
    if (known?.state !== state) seen.set(file, { state, imported: false });
    else if (!known.imported) {
      known.imported = true;
      ready.push(fileCandidate(file, folder));
    }
  }
  if (ready.length === 0) return;
  const source = { kind: 'import', from: 'watched folder' } as const;
  const options = { archive, project, source, signal, onProgress: () => undefined };
  const { refusals, ...counts } = await importCandidates(eachOf(ready), options);
  log.info(
    { ...counts, reasons: [...new Set(refusals.map(({ reason }) => reason))] },
    'imported from a watched folder',
  );
}

async function* eachOf(candidates: readonly Candidate[]): AsyncGenerator<Candidate> {
  yield* candidates;
}
