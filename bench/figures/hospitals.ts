import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FederationAnswer } from '@vesalius/api';
import { writeSafetensors } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { LayerValues } from '@vesalius/federated';
import { countOf, type LabelledImages } from '@vesalius/medical';
import { sealedFiles } from '../../packages/server/src/federation/certificates/sealed-file.ts';
import { SiteModel } from '../../packages/server/src/federation/site/site-model.ts';
import { FederationWorker } from '../../packages/server/src/federation/worker.ts';
import { House, reached } from '../../tests/federation/hospitals.ts';
import { NODULE_SIDE } from './nodules.ts';

/** Every site reads its images first. */
const READY_SECONDS = 300;

/** Programs of one federation, each a process of its own. */
export interface Hospitals {
  readonly coordinator: House;
  readonly sites: ReadonlyMap<string, House>;
}

/** A coordinator, which comes back on the same port, and its sites. @param envs - by the name of the site */
export async function openHospitals(folder: string, envs: Readonly<Record<string, House['env']>>): Promise<Hospitals> {
  const coordinator = await House.open(join(folder, 'coordinator'), '--federation-port', '0');
  coordinator.line.splice(0, 2, '--federation-port', String(federationPort(coordinator)));
  const sites = new Map<string, House>();
  for (const [name, env] of Object.entries(envs)) sites.set(name, await House.openWith(env, join(folder, name)));
  return { coordinator, sites };
}

/** Waits until every site has approved the plan and told what it has. */
export async function allReady(coordinator: House, federation: string): Promise<void> {
  const isReady = ({ sites }: FederationAnswer) =>
    sites.every((site) => site.planApproved && site.examples !== undefined);
  await reached(coordinator, federation, isReady, READY_SECONDS);
}

export const federationPort = ({ server }: House): number => Number(new URL(server.federationUrl ?? '').port);

/** Patches of nodules as a site's file of data. */
export function writeNodules(file: string, { images, labels }: LabelledImages): string {
  const shape = [countOf({ images, labels }), NODULE_SIDE, NODULE_SIDE];
  const tensors = new Map([
    ['images', { shape, dtype: 'float32' as const, data: Float32Array.from(images) }],
    ['labels', { shape: shape.slice(0, 1), dtype: 'uint8' as const, data: Uint8Array.from(labels) }],
  ]);
  writeFileSync(file, writeSafetensors(tensors));
  return file;
}

/** The model that a site holds when all is over, with the layers that are its own. */
export async function modelAt({ dataFolder }: House, { id, round }: FederationAnswer): Promise<LayerValues> {
  const parts = { files: sealedFiles(undefined), worker: new FederationWorker(undefined) };
  const held = await new SiteModel(parts, join(dataFolder, 'federation', id)).held();
  if (held?.version === round) return held.weights;
  throw new VesaliusError('DATA_MISMATCH', { what: 'model at a site', got: held?.version, expected: round });
}
