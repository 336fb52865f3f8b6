import type { Call } from './call.ts';
import { FINAL } from './labels.ts';

/** How many images there are, how many have a final label, how many labels each tag has. */
export async function stats({ images, labels, access }: Pick<Call, 'images' | 'labels' | 'access'>) {
  const total = await images.count(access);
  const label_tags: Record<string, number> = {};
  for (const tags of (await labels.all(access)).values())
    for (const tag of tags.keys()) label_tags[tag] = (label_tags[tag] ?? 0) + 1;
  return { total, completed: label_tags[FINAL] ?? 0, label_tags };
}
