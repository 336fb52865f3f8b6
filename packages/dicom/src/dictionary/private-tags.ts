import { PRIVATE_TABLE } from './generated/private-table.ts';
import { hexTag } from './tags.ts';

const vrOfCreator = new Map<string, ReadonlyMap<string, string>>();

function load(): void {
  if (vrOfCreator.size > 0) return;
  let rows = new Map<string, string>();
  for (const line of PRIVATE_TABLE.trim().split('\n')) {
    if (line.startsWith('>')) {
      rows = new Map();
      vrOfCreator.set(line.slice(1), rows);
    } else {
      const [mask = '', vr = ''] = line.split(' ');
      rows.set(mask, vr);
    }
  }
}

/** The VRs that makers' documents give a private element, as `dictionaryVrs` writes them; nothing where they are unknown. */
export function privateVrs(tag: number, creator: string): string | undefined {
  load();
  const rows = vrOfCreator.get(creator);
  const digits = hexTag(tag).toLowerCase();
  return rows?.get(digits) ?? rows?.get(digits.slice(0, 4) + digits.slice(6));
}
