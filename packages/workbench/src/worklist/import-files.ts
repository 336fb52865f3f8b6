import { writeZip } from '../app/write-zip.ts';

/** How far an import is. */
export interface ImportState {
  readonly done: number;
  readonly total: number;
  readonly stored: number;
  readonly refused: readonly { readonly name: string; readonly why: string }[];
  readonly ended: boolean;
}

interface ImportOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (state: ImportState) => void;
}

const AT_ONCE = 4;
const ZIPPED = /\.(zip|nii|nii\.gz|nrrd)$/i;

/**
 * Sends files one by one, some at a time: DICOM by STOW-RS, zips and volumes as a zip to be imported. One that is refused does not hold up the
 * others.
 */
export async function importFiles(files: readonly File[], { signal, onProgress }: ImportOptions): Promise<ImportState> {
  let [done, stored] = [0, 0];
  const refused: { name: string; why: string }[] = [];
  const state = (ended: boolean): ImportState => ({ done, total: files.length, stored, refused: [...refused], ended });
  const queue = files.values();
  const work = async () => {
    for (const file of queue) {
      if (signal.aborted) return;
      const why = await send(file, signal).catch((error: unknown) => String(error));
      done++;
      if (why === undefined) stored++;
      else refused.push({ name: file.webkitRelativePath || file.name, why });
      onProgress(state(false));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return state(true);
}

/** @returns why it was refused */
async function send(file: File, signal: AbortSignal): Promise<string | undefined> {
  return ZIPPED.test(file.name) ? sendZip(file, signal) : sendInstance(file, signal);
}

async function sendInstance(file: File, signal: AbortSignal): Promise<string | undefined> {
  const answer = await fetch('/dicom-web/studies', {
    method: 'POST',
    headers: { 'content-type': 'application/dicom', accept: 'application/dicom+json' },
    body: file,
    signal,
  });
  if (answer.ok) return undefined;
  return reasonOf(await answer.json().catch(() => undefined)) ?? `${answer.status} ${answer.statusText}`;
}

/** The words of the first instance that failed, or of the refusal as a whole. */
function reasonOf(answer: unknown): string | undefined {
  const json = answer as Record<string, { Value?: Record<string, { Value?: unknown[] }>[] }> & { title?: string };
  const item = json?.['00081198']?.Value?.[0] ?? json?.['0008119A']?.Value?.[0];
  const words = item?.['00000902']?.Value?.[0];
  return words === undefined ? json?.title : String(words);
}

async function sendZip(file: File, signal: AbortSignal): Promise<string | undefined> {
  const isZip = /\.zip$/i.test(file.name);
  const body = isZip ? file : writeZip([{ path: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }]);
  const answer = await fetch('/api/imports/zip', {
    method: 'POST',
    headers: { 'content-type': 'application/zip' },
    body,
    signal,
  });
  const job = (await answer.json()) as { id: string; title?: string };
  if (!answer.ok) return job.title ?? String(answer.status);
  for (;;) {
    const { state, error, result } = (await (await fetch(`/api/jobs/${job.id}`, { signal })).json()) as EndedJob;
    if (state === 'succeeded') return result?.refusals?.[0]?.what;
    if (state === 'failed' || state === 'cancelled') return error?.message ?? state;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

interface EndedJob {
  readonly state: string;
  readonly error?: { readonly message: string };
  readonly result?: { readonly refusals?: readonly { readonly what: string }[] };
}
