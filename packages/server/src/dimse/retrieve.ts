import { type DimseOutcome, type QueryRequest, type SendableInstance, STATUS } from '@vesalius/dicom-network';
import type { Services } from '../services.ts';
import type { Access, Archive, InstanceRecord, MatchKey, Scope } from '../store/archive.ts';
import { type Identifier, readIdentifier } from './identifier.ts';
import { refusalOf } from './refusal.ts';
import { sendable } from './sendable.ts';
import type { Session } from './session.ts';

/** What names the entities of a retrieval: PS3.4 C.4.2.1.4.1. */
const UNIQUE_KEYS: Readonly<Record<string, string>> = {
  '00100020': 'PATIENT',
  '0020000D': 'STUDY',
  '0020000E': 'SERIES',
  '00080018': 'IMAGE',
};
const PAGE = 500;

/** What a C-MOVE or C-GET is to send. */
export async function retrieve(
  { identifier: bytes, sopClassUid, context, signal }: QueryRequest,
  session: Session,
  { archive }: Pick<Services, 'archive'>,
): Promise<readonly SendableInstance[] | DimseOutcome> {
  const { caller } = session;
  if (!caller.mayRead) return refusalOf(session, 'retrieval');
  const identifier = readIdentifier(bytes, { sopClassUid, transferSyntaxUid: context.transferSyntax });
  const keys = identifier.match.filter(({ tag }) => tag in UNIQUE_KEYS);
  if (!keys.some(({ tag }) => UNIQUE_KEYS[tag] === identifier.level) || keys.some(({ value }) => /[*?]/.test(value)))
    return { status: STATUS.DATA_SET_MISMATCH, comment: `no unique key of level ${identifier.level}` };
  const records: InstanceRecord[] = [];
  for (const scope of await scopesOf(identifier.level, keys, { archive, access: caller.access, signal }))
    records.push(...(await archive.instances(scope, caller.access)));
  return records.map((record) =>
    sendable(record, archive, () => session.transferred('retrieved', record.studyInstanceUid)),
  );
}

interface Search {
  readonly archive: Archive;
  readonly access: Access;
  readonly signal: AbortSignal;
}

/** Straight from the identifier where it names one entity by its study; else by a search, as relational retrieval asks. */
async function scopesOf(level: Identifier['level'], keys: readonly MatchKey[], search: Search): Promise<Scope[]> {
  const one = (tag: string): string | undefined => {
    const value = keys.find((key) => key.tag === tag)?.value;
    return value === undefined || value.includes('\\') ? undefined : value;
  };
  const [study, series, instance] = [one('0020000D'), one('0020000E'), one('00080018')];
  if (study !== undefined && keys.every(({ tag, value }) => tag !== '00100020' && !value.includes('\\'))) {
    if (level === 'STUDY') return [{ study }];
    if (level === 'SERIES' && series !== undefined) return [{ study, series }];
    if (series !== undefined && instance !== undefined) return [{ study, series, instance }];
  }
  return searched(level === 'PATIENT' ? 'STUDY' : level, keys, search);
}

async function searched(
  level: Exclude<Identifier['level'], 'PATIENT'>,
  match: readonly MatchKey[],
  { archive, access, signal }: Search,
): Promise<Scope[]> {
  const scopes: Scope[] = [];
  const include = ['0020000D', ...(level === 'STUDY' ? [] : ['0020000E'])];
  for (let more = true; more; ) {
    const page = await archive.find({ level, match, include, access, signal, offset: scopes.length, limit: PAGE });
    for (const found of page.matches) {
      const uid = (tag: string): string => String(found[tag]?.Value?.[0] ?? '');
      scopes.push({
        study: uid('0020000D'),
        ...(level === 'STUDY' ? {} : { series: uid('0020000E') }),
        ...(level === 'IMAGE' ? { instance: uid('00080018') } : {}),
      });
    }
    more = page.more && page.matches.length > 0;
  }
  return scopes;
}
