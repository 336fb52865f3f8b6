import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import {
  applyChange,
  changeOf,
  compressionNamed,
  decompressUpdate,
  downSeed,
  joinLayers,
  type LayerValues,
  type Layout,
  splitLayers,
  strategyNamed,
  UpdateCompressor,
  upSeed,
} from '@vesalius/federated';
import type { Task } from '@vesalius/federated/protocol';
import { weightsOfBytes, weightsToBytes } from '../keep-weights.ts';
import { type FederationPlan, sha256 } from '../plan.ts';
import type { SiteParts } from './site-parts.ts';

export interface Model {
  /** Rounds whose outcome it holds. */
  readonly version: number;
  /** All layers: the common ones as they came, its own as it left them. */
  readonly weights: Map<string, Float32Array>;
}

/** What waits for its receipt. */
export interface PendingUpdate {
  readonly round: number;
  /** Hex. */
  readonly token: string;
  readonly examples: number;
  readonly steps: number;
  readonly epsilon: number;
}

const OWN = 'own ';
const PENDING = ['pending.json', 'pending-update', 'pending-memory'];

/** A site's copy of the model and what its compressor remembers, in files that outlive the program. */
export class SiteModel {
  readonly #parts: Pick<SiteParts, 'files' | 'worker'>;
  readonly #folder: string;
  #model: Model | undefined;

  constructor(parts: Pick<SiteParts, 'files' | 'worker'>, folder: string) {
    this.#parts = parts;
    this.#folder = folder;
  }

  /** Nothing before the first model came. */
  async held(): Promise<Model | undefined> {
    if (this.#model) return this.#model;
    const weights = await this.#read('model');
    const version = weights.get('version')?.[0];
    if (version === undefined) return undefined;
    weights.delete('version');
    putOwn(weights, await this.#read('memory'));
    this.#model = { version, weights };
    return this.#model;
  }

  /** @returns nothing where what came does not lead to the model: it is asked for whole. @throws HASH_MISMATCH when the whole model is wrong */
  async bringUpToDate(plan: FederationPlan, task: Task): Promise<Model | undefined> {
    const shared = sharedOf(plan);
    const held = await this.held();
    const weights = held?.weights ?? (await this.#first(plan));
    for (const [layer, values] of (task.model.length > 0 && splitLayers(shared, task.model)) || [])
      weights.set(layer, values);
    for (const [i, change] of task.changes.entries()) {
      const at = { layout: shared, plan: compressionNamed(plan.down) };
      applyChange(weights, decompressUpdate(change, at, downSeed(plan.seed, (held?.version ?? 0) + 1 + i)));
    }
    const isRight = sha256(joinLayers(shared, weights)) === Buffer.from(task.modelHash).toString('hex');
    this.#model = isRight ? { version: task.modelVersion, weights } : undefined;
    if (isRight) await this.#write('model', new Map([...weights, ['version', Float32Array.of(task.modelVersion)]]));
    else await rm(join(this.#folder, 'model'), { force: true });
    if (!isRight && task.model.length > 0)
      throw new VesaliusError('HASH_MISMATCH', { what: 'model of the coordinator', expected: 'the one that it names' });
    return this.#model;
  }

  /** Weights in a file for the worker. */
  async scratch(name: string, weights: LayerValues): Promise<string> {
    const file = this.path(`${name}.safetensors`);
    await writeFile(file, weightsToBytes(weights), { mode: 0o600 });
    return file;
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Makes the update of trained weights and keeps it until it has its receipt. */
  async keepUpdate(
    plan: FederationPlan,
    site: string,
    { before, trained, ...pending }: PendingUpdate & { before: Model; trained: string },
  ) {
    const after = weightsOfBytes(new Uint8Array(await readFile(trained)), trained);
    await rm(trained, { force: true });
    const { isShared } = strategyNamed(plan.strategy, 1);
    const layout = sharedOf(plan);
    const compressor = new UpdateCompressor({ layout, plan: compressionNamed(plan.up), momentum: plan.momentum });
    compressor.restore(await this.#read('memory'));
    const change = changeOf(after, before.weights, isShared);
    const update = compressor.compress(change, upSeed(plan.seed, site, pending.round));
    const own = [...after]
      .filter(([layer]) => !isShared(layer))
      .map(([layer, values]) => [OWN + layer, values] as const);
    await this.#write('pending-memory', new Map([...compressor.memory(), ...own]));
    await this.#parts.files.write(this.path('pending-update'), update);
    // Last: an update is pending when this is there.
    await this.#parts.files.write(this.path('pending.json'), Buffer.from(JSON.stringify(pending)));
  }

  async pending(): Promise<(PendingUpdate & { readonly update: Uint8Array<ArrayBuffer> }) | undefined> {
    const text = await this.#parts.files.read(this.path('pending.json'));
    const update = text && (await this.#parts.files.read(this.path('pending-update')));
    return text && update && { ...(JSON.parse(Buffer.from(text).toString()) as PendingUpdate), update };
  }

  /** Counted, the update's memory is the site's; not counted, what it would have left out stays as it was. */
  async settle(isCounted: boolean): Promise<void> {
    if (isCounted) {
      const memory = await this.#read('pending-memory');
      if (memory.size > 0) await this.#write('memory', memory);
      if (this.#model) putOwn(this.#model.weights, memory);
    }
    for (const name of PENDING) await rm(this.path(name), { force: true });
  }

  async #first({ imageShape, seed }: FederationPlan): Promise<Map<string, Float32Array>> {
    const out = this.path('first.safetensors');
    await this.#parts.worker.call('first', { plan: { imageShape, seed }, out });
    return weightsOfBytes(new Uint8Array(await readFile(out)), out);
  }

  async #read(name: string): Promise<Map<string, Float32Array>> {
    const bytes = await this.#parts.files.read(this.path(name));
    return bytes ? weightsOfBytes(bytes, name) : new Map();
  }

  #write(name: string, weights: LayerValues): Promise<void> {
    return this.#parts.files.write(this.path(name), weightsToBytes(weights));
  }
}

function putOwn(weights: Map<string, Float32Array>, memory: LayerValues): void {
  for (const [key, values] of memory) if (key.startsWith(OWN)) weights.set(key.slice(OWN.length), values);
}

function sharedOf({ layers, strategy }: FederationPlan): Layout {
  const { isShared } = strategyNamed(strategy, 1);
  return layers.filter(({ name }) => isShared(name));
}
