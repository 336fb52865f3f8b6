import type { DicomJson } from '@vesalius/dicom';
import type { ArchiveAnswer, Level, MatchKey, Scope } from '../../store/archive.ts';
import { chooseListForm, DICOM_XML, sendList } from '../answers.ts';
import { addressOf, type Call, parametersOf, recordEvent, scopeOf, shownTag } from '../call.ts';
import { badRequest } from '../refusals.ts';
import { type QueryParameters, readQueryParameters } from './query-parameters.ts';

const STUDY = '0020000D';
const SERIES = '0020000E';
const INSTANCE = '00080018';

/** Searches for studies, series or instances: PS3.18 10.6. */
export async function qidoRs(call: Call, level: Level) {
  const { request, reply, access, signal, services } = call;
  const form = chooseListForm(call);
  const parameters = readQueryParameters(request.query as Record<string, string | string[]>);
  const most = services.settings.limits.matches;
  const answer = await services.archive.find({
    level,
    match: [...addressKeys(call, parameters), ...parameters.match],
    ...(parameters.include === undefined ? {} : { include: parameters.include }),
    fuzzy: parameters.fuzzy ?? false,
    offset: parameters.offset,
    limit: Math.min(parameters.limit ?? most, most),
    access,
    signal,
  });
  const warnings = warningsOf(answer, parameters).map((warning) => `299 vesalius "${warning}"`);
  if (warnings.length > 0) void reply.header('warning', warnings.join(', '));
  await recordEvent(call, 'queried', {
    studies: addressKeys(call, parameters).flatMap(({ tag, value }) => (tag === STUDY ? [value] : [])),
    detail: `${level} by ${parameters.match.map(({ tag }) => tag).join(' ') || 'nothing'}: ${answer.matches.length}`,
  });
  // A multipart body has at least one part.
  if (form.type === DICOM_XML && answer.matches.length === 0) return reply.code(204).send();
  return sendList(call, form, withAddresses(answer.matches, call, level));
}

/** The keys that the address itself holds. */
function addressKeys(call: Call, { match }: QueryParameters): MatchKey[] {
  const { study, series } = parametersOf(call.request);
  if (study === undefined) return [];
  const scope = scopeOf(call.request);
  const keys = [{ tag: STUDY, value: scope.study }, ...(series === undefined ? [] : [{ tag: SERIES, value: series }])];
  const twice = keys.find(({ tag }) => match.some((key) => key.tag === tag));
  if (twice !== undefined) throw badRequest(shownTag(twice.tag), { got: 'one in the address and one in the query' });
  return keys;
}

/** PS3.18 8.3.4: what was asked for and not done is told in the words of a Warning header. */
function warningsOf({ more, ignored, notFuzzy }: ArchiveAnswer, { unsupported }: QueryParameters): string[] {
  return [
    ...(more ? ['There are additional results that can be requested'] : []),
    ...ignored.map((tag) => `The attribute ${shownTag(tag)} is not matched at this level`),
    ...notFuzzy.map((tag) => `Only literal matching has been performed on ${shownTag(tag)}`),
    ...unsupported.map((name) => `The ${name} parameter is not supported`),
  ];
}

function* withAddresses(matches: readonly DicomJson[], { base }: Call, level: Level): Generator<DicomJson> {
  for (const match of matches)
    yield { ...match, '00081190': { vr: 'UR', Value: [addressOf(base, scopeIn(match, level))] } };
}

function scopeIn(match: DicomJson, level: Level): Scope {
  const uid = (tag: string) => String(match[tag]?.Value?.[0] ?? '');
  return {
    study: uid(STUDY),
    ...(level === 'STUDY' ? {} : { series: uid(SERIES) }),
    ...(level === 'IMAGE' ? { instance: uid(INSTANCE) } : {}),
  };
}
