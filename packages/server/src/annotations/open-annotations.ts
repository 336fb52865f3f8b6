import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { AnnotationState, ConsensusMethod } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import type { Principal } from '../http/principal.ts';
import { Refusal } from '../http/refusal.ts';
import type { Access, Archive } from '../store/archive.ts';
import type { Database } from '../store/database.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { SeriesVolumes } from '../volumes/series-volumes.ts';
import { agreementOf } from './agreement-of.ts';
import { AnnotationRows, annotationOf } from './annotation-rows.ts';
import type {
  Annotation,
  AnnotationContent,
  AnnotationFilter,
  Annotations,
  Annotator,
  SaveOptions,
  Verdict,
} from './annotations.ts';
import { consensusOf } from './consensus-of.ts';
import { followStudies } from './follow-studies.ts';
import { createMaskStore, type MaskStore } from './mask-store.ts';
import { type Rated, readRated } from './rated.ts';
import { readStoredSegmentation, segmentationsOf } from './read-stored-segmentation.ts';
import { reviewRow } from './review-row.ts';
import { saveMask } from './save-mask.ts';
import { submitRow } from './submit-row.ts';
import type { AnnotationRow, AnnotationTables } from './tables.ts';
import { findUnlabelled } from './unlabelled.ts';

/** How far the states of label maps are on their way. */
const WAY: readonly AnnotationState[] = ['rejected', 'draft', 'submitted', 'approved'];

interface AnnotationsOptions {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly archive: Archive;
  readonly volumes: SeriesVolumes;
}

const unpack = promisify(gunzip);
/** Where other servers work on the same objects, what is young may be a save under way. */
const UNDER_WAY_MS = 3_600_000;
const ATTEMPTS = 3;

/** Wants `annotationMigrations` to have run; removes what saves left that never ended. */
export async function openAnnotations(options: AnnotationsOptions): Promise<Annotations> {
  const { database, objects, archive } = options;
  const rows = new AnnotationRows(database.tables<AnnotationTables>());
  const masks = createMaskStore(objects);
  archive.onChange(followStudies);
  await masks.sweep((keys) => rows.heldKeys(keys), database.dialect === 'sqlite' ? 0 : UNDER_WAY_MS);
  return new StoredAnnotations({ ...options, rows, masks });
}

interface Parts extends AnnotationsOptions {
  readonly rows: AnnotationRows;
  readonly masks: MaskStore;
}

class StoredAnnotations implements Annotations {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async list(filter: AnnotationFilter, access: Access) {
    return (await this.#parts.rows.list(filter, access)).map(annotationOf);
  }

  async get(id: string, access: Access) {
    const row = await this.#parts.rows.get(id, access);
    return row && annotationOf(row);
  }

  async open(series: string, annotator: Annotator, access: Access): Promise<Annotation> {
    const { rows, volumes } = this.#parts;
    const filter = { series, annotator: annotator.id, limit: 1 };
    const [known] = await rows.list(filter, access);
    if (known) await rows.opened(known.id);
    else await rows.insert(await newRow(volumes, { series, annotator, access, number: 1 }));
    const row = known ?? (await rows.list(filter, access))[0];
    if (row) return annotationOf(row);
    throw new Refusal('NOT_FOUND', { what: 'series' });
  }

  async openFurther(series: string, annotator: Annotator, access: Access): Promise<Annotation> {
    const { rows, volumes } = this.#parts;
    const number = await rows.nextNumber(series, annotator.id);
    const row = await newRow(volumes, { series, annotator, access, number });
    await rows.insert(row);
    return annotationOf(await this.#row(row.id, access));
  }

  async readMask(id: string, access: Access): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await unpack((await this.readPackedMask(id, access)).gzip));
  }

  async readPackedMask(id: string, access: Access) {
    const { masks } = this.#parts;
    for (let attempt = 1; ; attempt++) {
      const { mask_key, revision, grid } = await this.#row(id, access);
      if (mask_key === null) return { gzip: await masks.pack(new Uint8Array(voxelsOf(grid))), revision };
      try {
        return { gzip: await masks.read(mask_key), revision };
      } catch (error) {
        // A save came between: the row names another object by now.
        const isGone = error instanceof VesaliusError && error.code === 'FILE_NOT_FOUND';
        if (!isGone || attempt === ATTEMPTS) throw error;
      }
    }
  }

  save(id: string, content: AnnotationContent, { access, ifRevision, by }: SaveOptions) {
    return saveMask(this.#parts, content, { ifRevision, by, read: () => this.#row(id, access) });
  }

  segmentationsOf(series: string, access: Access) {
    return segmentationsOf(this.#parts, series, access);
  }

  async importSegmentation(id: string, sopInstanceUid: string, access: Access) {
    const row = await this.#row(id, access);
    if (row.revision > 0)
      throw new Refusal('CONFLICT', { what: 'draft', got: 'one with work in it', expected: 'one without saves' });
    const content = await readStoredSegmentation(this.#parts, row, { sopInstanceUid, access });
    return await this.save(id, content, { ifRevision: 0, access });
  }

  async submit(id: string, by: Principal, access: Access) {
    const row = await this.#row(id, access);
    return await submitRow(this.#parts, row, { mask: await this.readMask(id, access), by });
  }

  async review(id: string, verdict: Verdict, by: Principal, access: Access) {
    return await reviewRow(this.#parts, await this.#row(id, access), { verdict, by });
  }

  async remove(id: string, access: Access) {
    const { rows, masks } = this.#parts;
    const row = await rows.get(id, access);
    if (!row || !(await rows.remove(id))) return false;
    if (row.mask_key !== null) await masks.remove(row.mask_key);
    return true;
  }

  async history(id: string, access: Access) {
    const { rows } = this.#parts;
    return await rows.history((await this.#row(id, access)).id);
  }

  async agreement(series: string, access: Access) {
    return agreementOf(await this.#handedIn(series, access));
  }

  async consensus(series: string, method: ConsensusMethod, access: Access) {
    return consensusOf(await this.#handedIn(series, access), method);
  }

  async #handedIn(series: string, access: Access): Promise<readonly Rated[]> {
    const handedIn = await this.list({ series, states: ['submitted', 'approved'] }, access);
    return await readRated(handedIn, (id) => this.readMask(id, access));
  }

  unlabelled: Annotations['unlabelled'] = (project, options) => findUnlabelled(this.#parts.database, project, options);

  async furthestOf(studies: readonly string[]): Promise<ReadonlyMap<string, AnnotationState>> {
    const furthest = new Map<string, AnnotationState>();
    for (const { study, state } of await this.#parts.rows.statesOf(studies)) {
      const before = furthest.get(study);
      if (before === undefined || WAY.indexOf(state) > WAY.indexOf(before)) furthest.set(study, state);
    }
    return furthest;
  }

  labelsOf: Annotations['labelsOf'] = (project) => this.#parts.rows.labelsOf(project);

  setLabels: Annotations['setLabels'] = (project, labels) => this.#parts.rows.setLabels(project, labels);

  async #row(id: string, access: Access): Promise<AnnotationRow> {
    const row = await this.#parts.rows.get(id, access);
    if (row) return row;
    throw new Refusal('NOT_FOUND', { what: 'annotation' });
  }
}

interface NewRow {
  readonly series: string;
  readonly annotator: Annotator;
  readonly access: Access;
  readonly number: number;
}

async function newRow(volumes: SeriesVolumes, { series, annotator, access, number }: NewRow): Promise<AnnotationRow> {
  const { project, studyInstanceUid, volume } = await volumes.read(series, access);
  const now = new Date().toISOString();
  return {
    ...{ id: randomUUID(), project, study: studyInstanceUid, series, number, state: 'draft', revision: 0 },
    ...{ annotator_id: annotator.id, annotator_name: annotator.name, annotator_kind: annotator.kind },
    grid: JSON.stringify({ size: volume.size, voxelToLps: [...volume.voxelToLps.matrix] }),
    ...{ segments: '[]', voxels: '{}', model: null, seconds_spent: 0, saved_by: null, mask_key: null },
    ...{ created_at: now, updated_at: now, opened_at: now, segmentation_series: null, segmentation_instance: null },
    ...{ review_by: null, review_at: null, review_comment: null },
  };
}

function voxelsOf(grid: string): number {
  const { size } = JSON.parse(grid) as Pick<Annotation, 'size'>;
  return size[0] * size[1] * size[2];
}
