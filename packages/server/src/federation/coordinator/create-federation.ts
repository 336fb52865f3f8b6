import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FederationRequest } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import { CommonModel, compressionNamed, joinLayers } from '@vesalius/federated';
import type { Kysely } from 'kysely';
import type { SealedFiles } from '../certificates/sealed-file.ts';
import { weightsOfBytes } from '../keep-weights.ts';
import { type FederationPlan, modelOptions, sha256 } from '../plan.ts';
import type { FederationTables } from '../tables.ts';
import type { FederationWorker } from '../worker.ts';
import type { Coordinator } from './coordinator.ts';

interface Parts {
  readonly tables: Kysely<FederationTables>;
  readonly files: SealedFiles;
  readonly folder: string;
  readonly worker: FederationWorker;
}

/**
 * Draws or reads the model to begin with and writes the plan.
 *
 * @returns its id
 * @throws INVALID_ARGUMENT for an unknown compression, CHECKPOINT_MISMATCH for weights of another network
 */
export async function createFederation(
  { tables, files, folder, worker }: Parts,
  { rounds }: Coordinator,
  { bundle, ...request }: FederationRequest,
): Promise<string> {
  for (const name of [request.up, request.down]) compressionNamed(name);
  const id = `${request.name}-${randomBytes(4).toString('hex')}`;
  const out = join(folder, id, 'first.safetensors');
  // The folder is made with its first file.
  await files.write(join(folder, id, 'created'), Buffer.from(new Date().toISOString()));
  const { layers } = await worker.call('first', { plan: request, out });
  const drawn = weightsOfBytes(new Uint8Array(await readFile(out)), out);
  await rm(out, { force: true });
  const weights = bundle === undefined ? drawn : await warmStart(resolve(bundle), drawn);
  // What a site measures on its own images leaves it without noise: with privacy somebody has to ask for it.
  const { evaluateEvery = request.privacy ? 0 : 1 } = request;
  const plan: FederationPlan = { ...request, evaluateEvery, layers, firstModel: sha256(joinLayers(layers, weights)) };
  await rounds.begin(id, new CommonModel(modelOptions(plan), weights).kept());
  const text = JSON.stringify(plan);
  const named = { id, name: request.name, role: 'coordinator' as const, created_at: new Date().toISOString() };
  const state = { state: 'waiting' as const, approved_plan: null, round: 0, settings: '{}', problem: null, site: null };
  await tables
    .insertInto('federation')
    .values({ ...named, ...state, plan: text, plan_hash: sha256(text) })
    .execute();
  return id;
}

/** Weights of the same names and sizes replace those that were drawn. */
async function warmStart(file: string, drawn: Map<string, Float32Array>): Promise<Map<string, Float32Array>> {
  const given = weightsOfBytes(new Uint8Array(await readFile(file)), file);
  for (const [layer, { length: expected }] of drawn) {
    const got = given.get(layer)?.length;
    if (got !== expected) throw new VesaliusError('CHECKPOINT_MISMATCH', { what: layer, got, expected, file });
  }
  return given;
}
