import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { ModelSource } from '@vesalius/api';
import { profileBundle, readBundle } from '@vesalius/bundle';
import { writeFolderAtomic } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import type { Access } from '../store/archive.ts';
import type { Database } from '../store/database.ts';
import { holds } from '../store/holds.ts';
import { describeModel } from './describe-model.ts';
import { explainModel } from './explain-model.ts';
import type { Model, ModelRegistry, PredictionRequest } from './model-registry.ts';
import { summaryOf, usedSources } from './model-sources.ts';
import { Predictors } from './predictors.ts';
import type { ModelTables } from './tables.ts';
import { tryModel } from './try-model.ts';

interface RegistryOptions {
  readonly database: Database;
  readonly dataFolder: string;
}

/** A registry that gives its opened models back. */
export interface OpenModelRegistry extends ModelRegistry {
  close(): Promise<void>;
}

/** Opens the registry; folders that a killed server left without an entry are removed. */
export async function openModelRegistry({ database, dataFolder }: RegistryOptions): Promise<OpenModelRegistry> {
  const root = join(dataFolder, 'models');
  await mkdir(root, { recursive: true });
  const registry = new FolderRegistry(database, root);
  await registry.removeLeftovers();
  return registry;
}

class FolderRegistry implements OpenModelRegistry {
  readonly #database: Database;
  readonly #root: string;
  readonly #predictors = new Predictors();
  /** One bundle after another: each gets a number of its own. */
  #adding: Promise<unknown> = Promise.resolve();

  constructor(database: Database, root: string) {
    this.#database = database;
    this.#root = root;
  }

  async list({ projects }: Access): Promise<readonly Model[]> {
    let query = this.#models
      .selectFrom('model')
      .select('description')
      .orderBy('added_at', 'desc')
      .orderBy('id', 'desc');
    if (projects !== 'all') query = query.where('project', 'in', projects.length > 0 ? [...projects] : ['']);
    return (await query.execute()).map(({ description }) => JSON.parse(description) as Model);
  }

  async get(id: string, access: Access): Promise<Model | undefined> {
    const row = await this.#present.selectAll().where('id', '=', id).executeTakeFirst();
    if (!row || !holds(access, row.project)) return undefined;
    return JSON.parse(row.description) as Model;
  }

  add(folder: string, options: Parameters<ModelRegistry['add']>[1]): Promise<Model> {
    const added = this.#adding.catch(() => undefined).then(() => this.#add(folder, options));
    this.#adding = added;
    return added;
  }

  async remove(id: string, access: Access): Promise<boolean> {
    const model = await this.get(id, access);
    if (!model) return false;
    const removed_at = new Date().toISOString();
    await this.#models.updateTable('model').set({ removed_at }).where('id', '=', id).execute();
    await this.#predictors.close(this.folderOf(model));
    await rm(this.folderOf(model), { recursive: true, force: true });
    return true;
  }

  async sources({ id }: Model): Promise<readonly ModelSource[]> {
    const row = await this.#present.select('sources').where('id', '=', id).executeTakeFirst();
    return row?.sources ? (JSON.parse(row.sources) as ModelSource[]) : [];
  }

  async profile(model: Model) {
    const bundle = await readBundle(this.folderOf(model));
    return [...(await profileBundle(bundle, { threads: availableParallelism() }))];
  }

  folderOf({ id }: Model): string {
    return join(this.#root, id);
  }

  async ready(model: Model): Promise<void> {
    await this.#predictors.use(this.folderOf(model), async () => undefined);
  }

  async predict(model: Model, request: PredictionRequest) {
    const { channels, clicks, previous, uncertainty, signal, progress } = request;
    if (channels.length !== model.channels.length)
      throw new VesaliusError('DATA_MISMATCH', {
        what: 'channels of the scan',
        got: channels.length,
        expected: model.channels.length,
      });
    if ((clicks !== undefined || previous !== undefined) && !model.interactive)
      throw new VesaliusError('INVALID_ARGUMENT', {
        what: 'clicks',
        got: model.name,
        expected: 'a model that was trained to take clicks',
      });
    const started = performance.now();
    return this.#predictors.use(this.folderOf(model), async (predictor) => {
      const open = performance.now() - started;
      const { timesMs, ...answer } = await predictor.predictInDetail(channels, {
        ...(signal && { signal }),
        ...(uncertainty && { uncertainty }),
        ...(clicks && { clicks }),
        ...(previous && { previous }),
        onProgress: (done, total) => progress?.(done / total),
      });
      return { ...answer, timesMs: { open, ...timesMs } };
    });
  }

  async explain(model: Model, { channels, signal }: Pick<PredictionRequest, 'channels' | 'signal'>) {
    return explainModel(await readBundle(this.folderOf(model)), channels, signal);
  }

  close(): Promise<void> {
    return this.#predictors.closeAll();
  }

  async removeLeftovers(): Promise<void> {
    const rows = await this.#present.select('id').execute();
    const known = new Set(rows.map(({ id }) => id));
    for (const name of await readdir(this.#root))
      if (!known.has(name)) await rm(join(this.#root, name), { recursive: true, force: true });
  }

  get #present() {
    return this.#models.selectFrom('model').where('removed_at', 'is', null);
  }

  get #models() {
    return this.#database.tables<ModelTables>();
  }

  async #add(folder: string, { project, training, sources }: Parameters<ModelRegistry['add']>[1]): Promise<Model> {
    const found = await readBundle(folder);
    const id = await this.#freeId(String(found.manifest.name));
    const at = join(this.#root, id);
    const files = [...Object.keys(found.files), 'signature.json'];
    const fill = async (inside: string) => {
      await copyFiles(folder, inside, files);
      // What is checked is what stays.
      await tryModel(await readBundle(inside));
    };
    await writeFolderAtomic(at, { fill, replaceIfHolding: [] });
    try {
      const sizes = await Promise.all(files.map(async (path) => (await stat(join(at, path))).size));
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      const used = sources && usedSources(sources, found.manifest.split);
      const entry = {
        ...{ id, project, addedAt: new Date().toISOString(), bytes },
        ...(training && { training }),
        ...(used && { trainedOn: summaryOf(used) }),
      };
      const model = describeModel(await readBundle(at), entry);
      const { name, addedAt: added_at } = model;
      const row = {
        ...{ id, project, name, added_at, removed_at: null, description: JSON.stringify(model) },
        sources: used ? JSON.stringify(used) : null,
      };
      await this.#models.insertInto('model').values(row).execute();
      return model;
    } catch (error) {
      await rm(at, { recursive: true, force: true });
      throw error;
    }
  }

  /** Name and number, safe in addresses and as a folder. */
  async #freeId(name: string): Promise<string> {
    const stem =
      name
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '-')
        .replaceAll(/^-+|-+$/g, '')
        .slice(0, 60) || 'model';
    const rows = await this.#models.selectFrom('model').select('id').execute();
    const ids = new Set(rows.map(({ id }) => id));
    let number = 1;
    while (ids.has(`${stem}-${number}`)) number++;
    return `${stem}-${number}`;
  }
}

async function copyFiles(from: string, to: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await copyFile(join(from, path), join(to, path));
  }
}
