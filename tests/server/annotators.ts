import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { buildSeries, createDicomFile, writeDicom } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import { createVolume } from '@vesalius/volume';
import { firstDay, type Person } from './signed-in.ts';

const pack = promisify(gzip);
const FAST = { level: 1 };

export type Size = readonly [x: number, y: number, z: number];

/** One who may annotate in the first project, with a token. */
export async function newAnnotator(admin: Person, url: string, name: string): Promise<Person> {
  const grants = [{ project: 'default', role: 'annotator' }];
  const { oneTimePassword } = (await admin.json('/api/users', { name, grants })) as { oneTimePassword: string };
  return firstDay({ url, firstAdmin: { name, oneTimePassword }, permissions: ['archive.read', 'annotate'] });
}

/** Stores a generated scan. @returns its series */
export async function storeScan(person: Person, size: Size): Promise<string> {
  const scan = createVolume({ voxels: Int16Array.from({ length: voxelsOf(size) }, (_, i) => i % 1009), size });
  const slices = buildSeries(scan, { modality: 'MR' });
  for (const slice of slices) {
    const body = (await writeDicom(createDicomFile(slice))) as BodyInit;
    const headers = { 'content-type': 'application/dicom' };
    const { ok, status } = await person.ask('/dicom-web/studies', { method: 'POST', headers, body });
    if (!ok) throw new VesaliusError('PEER_REFUSED', { what: 'STOW', got: status });
  }
  return slices[0]?.string('SeriesInstanceUID') ?? '';
}

/** Hard to compress and another one for each number, so that a save takes its time and none passes for another. */
export function numberedMask(number: number, size: Size): Uint8Array {
  const mask = new Uint8Array(voxelsOf(size));
  let state = number + 1;
  for (let i = 0; i < mask.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    mask[i] = state >>> 30 > 1 ? 1 : 0;
  }
  return mask;
}

/** A ball as a person draws it, another one for each number. */
export function numberedBall(number: number, [nx, ny, nz]: Size): Uint8Array {
  const mask = new Uint8Array(nx * ny * nz);
  const [cx, cy, radius] = [10 + (number % (nx - 20)), 10 + (Math.floor(number / 7) % (ny - 20)), 6 + (number % 11)];
  for (let z = 0, i = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++, i++)
        if ((x - cx) ** 2 + (y - cy) ** 2 + (z - nz / 2) ** 2 < radius ** 2) mask[i] = 1;
  // What no other number has.
  for (let bit = 0; bit < 32; bit++) mask[bit] = (number >>> bit) & 1;
  return mask;
}

/** Saves a label map of one class over a revision, as the page does. */
export async function saveDraft(
  person: Person,
  { id, revision }: { readonly id: string; readonly revision: number },
  mask: Uint8Array,
): Promise<Response> {
  const form = new FormData();
  form.append('content', JSON.stringify({ segments: [{ value: 1, name: 'spot', color: '#ff0000' }] }));
  form.append('mask', new Blob([await pack(mask, FAST)], { type: 'application/gzip' }));
  const headers = { 'if-match': `"${revision}"` };
  return person.ask(`/api/annotations/${id}/mask`, { method: 'PUT', headers, body: form });
}

export async function readDraft(person: Person, id: string): Promise<Uint8Array> {
  return new Uint8Array(await (await person.ask(`/api/annotations/${id}/mask`)).arrayBuffer());
}

const voxelsOf = ([x, y, z]: Size): number => x * y * z;
