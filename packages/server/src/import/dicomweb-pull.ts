import { VesaliusError } from '@vesalius/errors';
import { safeFetch } from '../http/safe-fetch.ts';
import type { Settings } from '../settings.ts';
import { type Candidate, type ImportReport, type ImportTarget, importCandidates } from './import-candidates.ts';

/** Which studies of another server to bring here. */
export interface DicomwebPull {
  /** Where its DICOMweb begins: `https://pacs.example/dicom-web`. */
  readonly url: string;
  /** Keys of QIDO-RS: `{ PatientID: '7' }`; all studies without. */
  readonly query?: Readonly<Record<string, string>>;
  /** For the Authorization header. */
  readonly authorization?: string;
}

/** Takes a multipart body apart; the parts are read in their order. */
export type ReadParts = (
  source: AsyncIterable<Uint8Array>,
  boundary: string,
) => AsyncIterable<{ readonly body: AsyncIterable<Uint8Array> }>;

interface PullOptions {
  readonly settings: Settings;
  readonly target: ImportTarget;
  readonly readParts: ReadParts;
}

const PAGE = 100;
const STUDY_UID = '0020000D';

/**
 * Asks another server by QIDO-RS and brings what it finds by WADO-RS, bytes as they are kept there.
 *
 * @throws INVALID_ARGUMENT for an address that may not be asked, PEER_UNREACHABLE, PEER_TIMEOUT, PEER_REFUSED, PEER_PROTOCOL
 */
export function pullDicomweb(pull: DicomwebPull, { settings, target, readParts }: PullOptions): Promise<ImportReport> {
  const ask = (path: string, accept: string) => asked(pull, { path, accept, settings, signal: target.signal });
  return importCandidates(partsOf(pull, ask, readParts), { ...target, atATime: 1 });
}

type Ask = (path: string, accept: string) => Promise<Response>;

async function* partsOf(pull: DicomwebPull, ask: Ask, readParts: ReadParts): AsyncGenerator<Candidate> {
  for await (const study of studiesOf(pull, ask)) {
    const answer = await ask(`/studies/${study}`, 'multipart/related; type="application/dicom"; transfer-syntax=*');
    if (!answer.body) continue;
    let number = 0;
    for await (const { body } of readParts(answer.body, boundaryOf(answer)))
      yield { name: `${study} #${++number}`, open: async () => body };
  }
}

async function* studiesOf({ query = {} }: DicomwebPull, ask: Ask): AsyncGenerator<string> {
  for (let offset = 0; ; offset += PAGE) {
    const keys = new URLSearchParams({ ...query, limit: String(PAGE), offset: String(offset) });
    const answer = await ask(`/studies?${keys}`, 'application/dicom+json');
    const found = answer.status === 204 ? [] : await answer.json().catch(() => undefined);
    if (!Array.isArray(found)) throw new VesaliusError('PEER_PROTOCOL', { what: 'answer to a query is no DICOM JSON' });
    for (const study of found) {
      const uid: unknown = study?.[STUDY_UID]?.Value?.[0];
      if (typeof uid === 'string' && /^[0-9.]{1,64}$/.test(uid)) yield uid;
    }
    if (found.length < PAGE) return;
  }
}

interface Question {
  readonly path: string;
  readonly accept: string;
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

async function asked({ url, authorization }: DicomwebPull, question: Question): Promise<Response> {
  const { path, accept, settings, signal } = question;
  const answer = await safeFetch(`${url.replace(/\/$/, '')}${path}`, {
    headers: { accept, ...(authorization === undefined ? {} : { authorization }) },
    allowedTargets: settings.allowedTargets,
    signal,
  });
  if (answer.ok) return answer;
  throw new VesaliusError('PEER_REFUSED', {
    what: 'DICOMweb server',
    got: `status ${answer.status}`,
    expected: 'an answer',
  });
}

function boundaryOf(answer: Response): string {
  const type = answer.headers.get('content-type') ?? '';
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type) ?? [];
  const boundary = quoted ?? plain;
  if (boundary !== undefined && /^multipart\/related/i.test(type)) return boundary;
  throw new VesaliusError('PEER_PROTOCOL', { what: 'answer to a retrieval', expected: 'multipart/related' });
}
