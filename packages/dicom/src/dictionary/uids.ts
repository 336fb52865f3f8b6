import { UID_TABLE } from './generated/uid-table.ts';

const ROOT = '1.2.840.10008.';

/** What PS3.6 annex A says of a UID. */
export interface UidEntry {
  readonly uid: string;
  /** `Transfer Syntax`, `SOP Class`, `Well-known frame of reference`, ... */
  readonly kind: string;
  readonly keyword: string;
  readonly name: string;
  readonly retired: boolean;
}

const byUid = new Map<string, UidEntry>();
const byKeyword = new Map<string, UidEntry>();

function load(): void {
  if (byUid.size > 0) return;
  for (const line of UID_TABLE.trim().split('\n')) {
    const [rest = '', kind = '', keyword = '', name = '', mark] = line.split('|');
    const entry = { uid: ROOT + rest, kind, keyword, name, retired: mark === '!' };
    byUid.set(entry.uid, entry);
    if (keyword) byKeyword.set(keyword, entry);
  }
}

/** The entry of a UID, or of its keyword (`CTImageStorage`). */
export function uidEntry(uidOrKeyword: string): UidEntry | undefined {
  load();
  return byUid.get(uidOrKeyword) ?? byKeyword.get(uidOrKeyword);
}

/** Every UID of one kind, such as `Transfer Syntax` or `SOP Class`. */
export function uidsOfKind(kind: string): UidEntry[] {
  load();
  return [...byUid.values()].filter((entry) => entry.kind === kind);
}
