import type { AnnotationAnswer, SegmentLabel } from '@vesalius/api';
import { api } from '../app/api.ts';

export type Draft = AnnotationAnswer;

/** Another save came between: the newest stands at the server. */
export class DraftConflict extends Error {}

/** The own label map of a series, with its voxels. */
export async function openDraft(series: string): Promise<{ draft: Draft; mask: Uint8Array<ArrayBuffer> }> {
  const draft = await api.call('openAnnotation', { body: { series } });
  const [nx, ny, nz] = draft.size;
  const mask = draft.revision === 0 ? new Uint8Array(nx * ny * nz) : await readMask(draft.id);
  return { draft, mask };
}

export async function readMask(id: string): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(`/api/annotations/${id}/mask`);
  if (!answer.ok) throw new TypeError(`${answer.status} ${answer.statusText}`);
  return new Uint8Array(await answer.arrayBuffer());
}

interface Saving {
  readonly mask: Uint8Array<ArrayBuffer>;
  readonly segments: readonly SegmentLabel[];
  readonly secondsSpent: number;
  readonly model?: string;
}

/**
 * Saves the whole label map, packed.
 *
 * @throws DraftConflict when another save came between
 */
export async function saveDraft({ id, revision }: Draft, { mask, ...content }: Saving): Promise<Draft> {
  const form = new FormData();
  form.append('content', new Blob([JSON.stringify(content)], { type: 'application/json' }));
  form.append('mask', new Blob([await packed(mask)], { type: 'application/gzip' }), 'mask');
  const headers = { 'if-match': `"${revision}"` };
  const answer = await fetch(`/api/annotations/${id}/mask`, { method: 'PUT', headers, body: form });
  if (answer.status === 412) throw new DraftConflict();
  if (!answer.ok) throw new TypeError(`${answer.status} ${answer.statusText}`);
  return (await answer.json()) as Draft;
}

function packed(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}
