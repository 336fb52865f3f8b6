import type { SegmentLabel } from '@vesalius/api';
import { createAffine, createVolume, type Volume } from '@vesalius/volume';
import type { Annotation, Annotations, Annotator } from '../annotations/annotations.ts';
import type { Principal } from '../http/principal.ts';
import { Refusal } from '../http/refusal.ts';
import type { Access } from '../store/archive.ts';
import type { Database } from '../store/database.ts';
import type { MonailabelTables } from './tables.ts';

/** The tag of what people handed in, and of what models proposed. */
export const FINAL = 'final';
export const ORIGINAL = 'original';

/** The newest annotation of a series under a tag. */
export interface Label {
  readonly tag: string;
  readonly annotation: Annotation;
  /** What the client said when it saved it. */
  readonly params: Readonly<Record<string, unknown>>;
}

interface NewLabel {
  readonly series: string;
  readonly tag: string;
  readonly mask: Uint8Array;
  readonly segments: readonly SegmentLabel[];
  readonly params: Readonly<Record<string, unknown>>;
  /** A model, or the person who asks. */
  readonly annotator: Annotator;
  readonly principal: Principal;
  readonly access: Access;
}

/**
 * Annotations under MONAI Label's tags. `final`: handed in or approved, `original`: a draft or a model's; whatever else a client names,
 * such as the versions of Slicer's reviewer, is a draft of its own.
 */
export interface Labels {
  /** By series, then tag. */
  all(access: Access, series?: string): Promise<ReadonlyMap<string, ReadonlyMap<string, Label>>>;
  /** @throws NOT_FOUND */
  get(series: string, tag: string, access: Access): Promise<Label>;
  read(label: Label, access: Access): Promise<Volume<Uint8Array>>;
  save(label: NewLabel): Promise<Label>;
  addParams(label: Label, params: Readonly<Record<string, unknown>>): Promise<Label>;
  remove(label: Label, access: Access): Promise<void>;
}

const MOST = 100_000;
const MOST_ID = 100;

export function openLabels(annotations: Annotations, database: Database): Labels {
  const tables = database.tables<MonailabelTables>();

  const all = async (access: Access, series?: string) => {
    const rows = await tables
      .selectFrom('monailabel_label')
      .selectAll()
      .$if(series !== undefined, (query) => query.where('series', '=', series ?? ''))
      .execute();
    const known = new Map(rows.map((row) => [row.annotation, row]));
    const found = new Map<string, Map<string, Label>>();
    const filter = { limit: MOST, ...(series === undefined ? {} : { series }) };
    // Newest first: the first of a tag is the one that counts.
    for (const annotation of await annotations.list(filter, access)) {
      if (annotation.revision === 0) continue;
      const row = known.get(annotation.id);
      const tag = row?.tag ?? tagOf(annotation);
      const ofSeries = found.get(annotation.series) ?? new Map<string, Label>();
      if (!ofSeries.has(tag)) ofSeries.set(tag, { tag, annotation, params: JSON.parse(row?.params ?? '{}') });
      found.set(annotation.series, ofSeries);
    }
    return found;
  };

  const keep = async ({ tag, annotation, params }: Label) => {
    const row = { annotation: annotation.id, series: annotation.series, tag, params: JSON.stringify(params) };
    const saved_at = new Date().toISOString();
    await tables
      .insertInto('monailabel_label')
      .values({ ...row, saved_at })
      .onConflict((conflict) => conflict.column('annotation').doUpdateSet({ tag, params: row.params, saved_at }))
      .execute();
  };

  return {
    all,
    get: async (series, tag, access) => {
      const label = (await all(access, series)).get(series)?.get(tag);
      if (label !== undefined) return label;
      throw new Refusal('NOT_FOUND', { what: `label with the tag ${plain(tag)}` });
    },
    read: async ({ annotation: { id, size, voxelToLps } }, access) =>
      createVolume({
        voxels: await annotations.readMask(id, access),
        size,
        voxelToLps: createAffine('voxel', 'lps', voxelToLps),
      }),
    save: async ({ series, tag, mask, segments, params, annotator, principal, access }) => {
      const drawn = await annotations.open(series, annotatorOf(annotator, tag), access);
      const content = { mask, segments, ...(annotator.kind === 'model' ? { model: annotator.id } : {}) };
      const saved = await annotations.save(drawn.id, content, { ifRevision: drawn.revision, access });
      const annotation = tag === FINAL ? await annotations.submit(saved.id, principal, access) : saved;
      const label = { tag, annotation, params };
      await keep(label);
      return label;
    },
    addParams: async (label, params) => {
      const changed = { ...label, params: { ...label.params, ...params } };
      await keep(changed);
      return changed;
    },
    remove: async ({ annotation }, access) => {
      await annotations.remove(annotation.id, access);
      await tables.deleteFrom('monailabel_label').where('annotation', '=', annotation.id).execute();
    },
  };
}

function tagOf({ state, annotator }: Annotation): string {
  return annotator.kind === 'person' && (state === 'submitted' || state === 'approved') ? FINAL : ORIGINAL;
}

/** One annotator has one annotation of a series: what else a person keeps beside it has a name of its own. */
function annotatorOf(annotator: Annotator, tag: string): Annotator {
  if (tag === FINAL || annotator.kind === 'model') return annotator;
  const id = `${annotator.id}#${plain(tag)}`.slice(0, MOST_ID);
  return { id, name: `${annotator.name} (${plain(tag)})`, kind: 'person' };
}

function plain(tag: string): string {
  return tag.replaceAll(/[^\w. -]/g, '_').slice(0, 40);
}
