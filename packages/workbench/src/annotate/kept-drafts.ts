import type { DraftContent } from './draft.ts';

/** Strokes that the server does not have yet. */
export interface KeptDraft {
  readonly annotation: string;
  readonly study: string;
  /** The name of whose they are. */
  readonly by: string;
  /** Which they were drawn over. */
  readonly revision: number;
  readonly content: DraftContent;
  /** The whole label map, gzip. */
  readonly gzip: Uint8Array<ArrayBuffer>;
  /** ISO 8601, UTC. */
  readonly at: string;
}

const DATABASE = 'vesalius';
const STORE = 'drafts';

/** Keeps it in this browser, in the place of what was kept of the same label map; it outlives the page. */
export async function keepDraft(draft: KeptDraft): Promise<void> {
  await inStore('readwrite', (store) => store.put(draft));
}

export async function keptDraft(annotation: string): Promise<KeptDraft | undefined> {
  return (await inStore('readonly', (store) => store.get(annotation))) as KeptDraft | undefined;
}

export async function keptDrafts(): Promise<readonly KeptDraft[]> {
  return (await inStore('readonly', (store) => store.getAll())) as KeptDraft[];
}

export async function forgetDraft(annotation: string): Promise<void> {
  await inStore('readwrite', (store) => store.delete(annotation));
}

let last: Promise<unknown> = Promise.resolve();

/** In the order they were asked for. */
function inStore(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const next = last.then(() => inOpened(mode, act));
  last = next.catch(() => undefined);
  return next;
}

async function inOpened(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const database = await opened();
  try {
    const transaction = database.transaction(STORE, mode, { durability: 'strict' });
    const request = act(transaction.objectStore(STORE));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
    return request.result;
  } finally {
    database.close();
  }
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'annotation' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(request.error);
  });
}
