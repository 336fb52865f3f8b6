import type { DicomJson } from '@vesalius/dicom';
import { type InstanceKey, REFUSALS, type StoreOutcome } from '../../store/archive.ts';
import { addressOf } from '../call.ts';

/** The data set does not match its SOP class, or what the study is known by: PS3.18 table 10.5.3-2. */
const MISMATCH = 0xb007;

interface StoreResponse {
  readonly dataSet: DicomJson;
  readonly statusCode: 200 | 202 | 409;
  readonly studies: ReadonlySet<string>;
  readonly failed: number;
}

type Kept = Extract<StoreOutcome, { instance: InstanceKey }>;
type Refused = Extract<StoreOutcome, { status: 'refused' }>;

/** What a store request is answered: PS3.18 10.5.3, PS3.3 table I.1. */
export function storeResponse(outcomes: readonly StoreOutcome[], base: string): StoreResponse {
  const kept = outcomes.filter((outcome): outcome is Kept => outcome.status !== 'refused');
  const refused = outcomes.filter((outcome): outcome is Refused => outcome.status === 'refused');
  const named = refused.filter(({ sopInstanceUid }) => sopInstanceUid);
  const others = refused.filter(({ sopInstanceUid }) => !sopInstanceUid);
  const studies = new Set(kept.map(({ instance }) => instance.studyInstanceUid));
  const [study] = studies;
  const flawless = refused.length === 0 && kept.every(({ warnings }) => warnings.length === 0);
  return {
    dataSet: {
      ...(study !== undefined && studies.size === 1 ? { '00081190': url(addressOf(base, { study })) } : {}),
      ...sequence('00081198', named.map(failedItem)),
      ...sequence(
        '00081199',
        kept.map((outcome) => keptItem(outcome, base)),
      ),
      ...sequence(
        '0008119A',
        others.map((outcome) => reasonOf(outcome)),
      ),
    },
    statusCode: flawless ? 200 : kept.length > 0 ? 202 : 409,
    studies,
    failed: refused.length,
  };
}

function keptItem({ instance, warnings }: Kept, base: string): DicomJson {
  const { studyInstanceUid: study, seriesInstanceUid: series, sopInstanceUid } = instance;
  return {
    '00081150': uid(instance.sopClassUid),
    '00081155': uid(sopInstanceUid),
    '00081190': url(addressOf(base, { study, series, instance: sopInstanceUid })),
    ...(warnings.length === 0 ? {} : { ...comment(warnings.join('; ')), '00081196': number(MISMATCH) }),
  };
}

function failedItem(outcome: Refused): DicomJson {
  const { sopClassUid, sopInstanceUid } = outcome;
  return {
    ...(sopClassUid ? { '00081150': uid(sopClassUid) } : {}),
    ...(sopInstanceUid ? { '00081155': uid(sopInstanceUid) } : {}),
    ...reasonOf(outcome),
  };
}

/** The number for programs, the words for people. */
function reasonOf({ reason, what }: Refused): DicomJson {
  return { ...comment(what), '00081197': number(REFUSALS[reason]) };
}

/** (0000,0902) ErrorComment: 64 characters at most. */
function comment(text: string): DicomJson {
  return { '00000902': { vr: 'LO', Value: [text.replaceAll('\\', '/').slice(0, 64)] } };
}

function number(value: number) {
  return { vr: 'US', Value: [value] };
}

function sequence(tag: string, items: readonly DicomJson[]): DicomJson {
  return items.length === 0 ? {} : { [tag]: { vr: 'SQ', Value: items } };
}

function uid(value: string) {
  return { vr: 'UI', Value: [value] };
}

function url(value: string) {
  return { vr: 'UR', Value: [value] };
}
