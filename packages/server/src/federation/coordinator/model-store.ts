import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import {
  CommonModel,
  compressionNamed,
  decompressUpdate,
  type LayerValues,
  type SiteUpdate,
  upSeed,
} from '@vesalius/federated';
import type { SealedFiles } from '../certificates/sealed-file.ts';
import { weightsOfBytes, weightsToBytes } from '../keep-weights.ts';
import { type FederationPlan, modelOptions, parsePlan, sha256 } from '../plan.ts';
import type { FederationRow, RoundRow, TaskRow } from '../tables.ts';

export interface Loaded {
  readonly plan: FederationPlan;
  readonly model: CommonModel;
  /** Rounds whose outcome it holds. */
  readonly version: number;
}

/** So many of the last rounds' changes are kept; who was away longer is given the whole model. */
const CHANGES_KEPT = 20;

/** Models, changes and updates of a coordinator's federations, as files; a name is written once and never changed. */
export class ModelStore {
  readonly #files: SealedFiles;
  readonly #folder: string;
  readonly #loaded = new Map<string, Loaded>();

  constructor(files: SealedFiles, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  /** The model to begin with. */
  async begin(federation: string, weights: LayerValues): Promise<void> {
    await this.#files.write(this.#file(federation, 'model-0'), weightsToBytes(weights));
  }

  async load(row: FederationRow): Promise<Loaded> {
    const held = this.#loaded.get(row.id);
    if (held?.version === row.round) return held;
    const file = this.#file(row.id, `model-${row.round}`);
    const bytes = await this.#files.read(file);
    if (!bytes) throw new VesaliusError('FILE_NOT_FOUND', { what: 'model of a federation', file });
    const plan = parsePlan(row.plan);
    const loaded = {
      plan,
      model: new CommonModel(modelOptions(plan), weightsOfBytes(bytes, file)),
      version: row.round,
    };
    this.#loaded.set(row.id, loaded);
    return loaded;
  }

  hold(federation: string, loaded: Loaded): void {
    this.#loaded.set(federation, loaded);
  }

  /** The next use begins with what the files hold. */
  drop(federation: string): void {
    this.#loaded.delete(federation);
  }

  async keep({ federation, round }: RoundRow, model: CommonModel, published: Uint8Array): Promise<void> {
    await this.#files.write(this.#file(federation, `change-${round}`), published);
    await this.#files.write(this.#file(federation, `model-${round}`), weightsToBytes(model.kept()));
  }

  /** @returns nothing where the whole model is less, or the changes are kept no more */
  async changesSince(row: FederationRow, from: number | undefined, most: number): Promise<Uint8Array[] | undefined> {
    if (from === undefined || from > row.round || row.round - from > CHANGES_KEPT) return undefined;
    const changes: Uint8Array[] = [];
    let bytes = 0;
    for (let round = from + 1; round <= row.round; round++) {
      const change = await this.#files.read(this.#file(row.id, `change-${round}`));
      bytes += change?.length ?? Number.POSITIVE_INFINITY;
      if (!change || bytes > most) return undefined;
      changes.push(change);
    }
    return changes;
  }

  async writeUpdate(task: TaskRow, update: Uint8Array): Promise<void> {
    await this.#files.write(this.#updateFile(task), update);
  }

  /** @throws HASH_MISMATCH when it is not the update that was counted */
  async readUpdate(plan: FederationPlan, model: CommonModel, task: TaskRow): Promise<SiteUpdate> {
    const update = await this.#files.read(this.#updateFile(task));
    if (!update || sha256(update) !== task.update_hash)
      throw new VesaliusError('HASH_MISMATCH', {
        what: `update of ${task.site}`,
        expected: 'the one that was counted',
      });
    const change = openUpdate(plan, model, { site: task.site, round: task.round, update });
    return { site: task.site, examples: Number(task.examples), change };
  }

  /** What no round needs any more. */
  async forget({ federation, round }: RoundRow, done: readonly TaskRow[]): Promise<void> {
    const old = [
      ...done.map((task) => this.#updateFile(task)),
      ...(round > 1 ? [this.#file(federation, `model-${round - 2}`)] : []),
      this.#file(federation, `change-${round - CHANGES_KEPT}`),
    ];
    await Promise.all(old.map((file) => rm(file, { force: true })));
  }

  #updateFile({ federation, round, site }: TaskRow): string {
    return this.#file(federation, `update-${round}-${site}`);
  }

  #file(federation: string, name: string): string {
    return join(this.#folder, federation, name);
  }
}

/** @throws PEER_PROTOCOL and others for what is not in the code of the plan */
export function openUpdate(
  plan: FederationPlan,
  { shared }: CommonModel,
  { site, round, update }: { site: string; round: number; update: Uint8Array },
): Map<string, Float32Array> {
  const code = { layout: shared, plan: compressionNamed(plan.up) };
  return decompressUpdate(update, code, upSeed(plan.seed, site, round));
}
