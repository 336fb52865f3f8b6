import { type AnnotationAnswer, type ApiError, ApiRefusal, apiErrorSchema, type SegmentLabel } from '@vesalius/api';
import { api } from '../app/api.ts';
import { connection } from '../app/connection.ts';

export type Draft = AnnotationAnswer;

export interface OpenedDraft {
  readonly draft: Draft;
  readonly mask: Uint8Array<ArrayBuffer>;
}

/** A large label map over a slow line. */
const PATIENCE_MS = 120_000;

/** The own label map of a series, or the one of an id, with its voxels. */
export async function openDraft(series: string, id?: string): Promise<OpenedDraft> {
  const draft =
    id === undefined
      ? await api.call('openAnnotation', { body: { series } })
      : await api.call('getAnnotation', { params: { annotation: id } });
  return { draft, mask: await maskOf(draft) };
}

/** What the server has of it now. */
export async function newestOf({ id }: Draft): Promise<OpenedDraft> {
  const draft = await api.call('getAnnotation', { params: { annotation: id } });
  return { draft, mask: await maskOf(draft) };
}

async function maskOf({ id, revision, size: [nx, ny, nz] }: Draft): Promise<Uint8Array<ArrayBuffer>> {
  return revision === 0 ? new Uint8Array(nx * ny * nz) : await readMask(id);
}

export const readMask = (id: string): Promise<Uint8Array<ArrayBuffer>> => readBytes(`/api/annotations/${id}/mask`);

/** @throws ApiRefusal, TypeError where no answer comes */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await answered(path, {})).arrayBuffer());
}

export interface DraftContent {
  readonly segments: readonly SegmentLabel[];
  readonly secondsSpent: number;
  readonly model?: string;
}

/**
 * Saves the whole label map.
 *
 * @param gzip - of its bytes
 * @throws ApiRefusal with status 412 when another save came between, TypeError where no answer comes
 */
export async function saveDraft(
  { id, revision }: Draft,
  content: DraftContent,
  gzip: Uint8Array<ArrayBuffer>,
): Promise<Draft> {
  const form = new FormData();
  form.append('content', new Blob([JSON.stringify(content)], { type: 'application/json' }));
  form.append('mask', new Blob([gzip], { type: 'application/gzip' }), 'mask');
  const headers = { 'if-match': `"${revision}"` };
  const answer = await answered(`/api/annotations/${id}/mask`, { method: 'PUT', headers, body: form });
  return (await answer.json()) as Draft;
}

async function answered(path: string, request: RequestInit): Promise<Response> {
  const answer = await fetch(path, { ...request, signal: AbortSignal.timeout(PATIENCE_MS) }).catch((error: unknown) => {
    connection.suspect();
    throw new TypeError(String(error));
  });
  if (answer.ok) return answer;
  throw new ApiRefusal(await refusalOf(answer));
}

/** What stands before the server answers in words of its own. */
async function refusalOf(answer: Response): Promise<ApiError> {
  const told = apiErrorSchema.safeParse(await answer.json().catch(() => undefined));
  if (told.success) return told.data;
  const { status, statusText } = answer;
  return { status, title: `${status} ${statusText}`, code: 'UNAVAILABLE', what: '', requestId: '' };
}

export function pack(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return through(bytes, new CompressionStream('gzip'));
}

export function unpack(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return through(bytes, new DecompressionStream('gzip'));
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}
