import { Refusal } from '../http/refusal.ts';
import type { Model, ModelRegistry } from '../models/model-registry.ts';
import type { Access } from '../store/archive.ts';

const AUTOMATIC = '-automatic';

/** A model as clients list it. */
export interface NamedModel {
  readonly name: string;
  readonly model: Model;
  /** Clicks are taken; without it the same model predicts by itself. */
  readonly interactive: boolean;
}

/**
 * The models under the names that clients know them by: an interactive one stands twice, since clients look for what predicts by itself
 * and for what takes clicks in different lists.
 */
export async function namedModels(models: ModelRegistry, access: Access): Promise<NamedModel[]> {
  return (await models.list(access)).flatMap((model) => [
    { name: model.id, model, interactive: model.interactive },
    ...(model.interactive ? [{ name: `${model.id}${AUTOMATIC}`, model, interactive: false }] : []),
  ]);
}

/** By id, or the newest of a name. @throws NOT_FOUND */
export async function modelNamed(models: ModelRegistry, name: string, access: Access): Promise<NamedModel> {
  const all = await namedModels(models, access);
  const found = all.find((each) => each.name === name) ?? all.find(({ model }) => model.name === name);
  if (found !== undefined) return found;
  throw new Refusal('NOT_FOUND', {
    what: 'model',
    expected: all.map((each) => each.name).join(', ') || 'one that was added',
  });
}
