import { useEffect, useState } from 'react';
import { api } from '../app/api.ts';

export interface BundleFile {
  readonly path: string;
  readonly bytes: number;
}

const CARD = 'docs/README.md';

/** The files of a model's bundle, and its card; '' until it came. */
export function useBundle(id: string): { files: readonly BundleFile[]; card: string } {
  const [files, setFiles] = useState<readonly BundleFile[]>([]);
  const [card, setCard] = useState('');
  useEffect(() => {
    api.call('listModelFiles', { params: { model: id } }).then(setFiles, () => setFiles([]));
    fileBytes(id, CARD).then(
      (bytes) => setCard(new TextDecoder().decode(bytes)),
      () => setCard(''),
    );
  }, [id]);
  return { files, card };
}

export function filePath(id: string, path: string): string {
  return `/api/models/${encodeURIComponent(id)}/files/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** @throws TypeError where the server does not give it */
export async function fileBytes(id: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(filePath(id, path));
  if (!answer.ok) throw new TypeError(`${path}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}
