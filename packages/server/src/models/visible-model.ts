import { Refusal } from '../http/refusal.ts';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import type { Model } from './model-registry.ts';

/** The model that an address names. @throws Refusal NOT_FOUND also for one that may not be seen */
export async function visibleModel(
  { models }: Pick<Services, 'models'>,
  params: Readonly<Record<string, string>>,
  access: Access,
): Promise<Model> {
  const model = await models.get(params['model'] ?? '', access);
  if (!model) throw new Refusal('NOT_FOUND', { what: 'model' });
  return model;
}
