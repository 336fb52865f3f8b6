import { VesaliusError } from '@vesalius/errors';
import { readParts } from '../../http/multipart/read-parts.ts';
import { Refusal } from '../../http/refusal.ts';
import { holds } from '../../store/holds.ts';
import { chooseSingleForm, sendSingle } from '../answers.ts';
import { type Call, parametersOf, recordEvent, scopeOf } from '../call.ts';
import { type MediaType, parseMediaType } from '../media/media-type.ts';
import { badRequest, unsupportedMedia } from '../refusals.ts';
import { instancesFromMetadata } from './instances-from-metadata.ts';
import { bodyOf } from './request-body.ts';
import { storeAll } from './store-all.ts';
import { storeResponse } from './store-response.ts';

/** Stores what a request brings and says of each instance what became of it: PS3.18 10.5. */
export async function stowRs(call: Call) {
  const { request, reply, access, project } = call;
  const form = chooseSingleForm(call);
  const study = parametersOf(request).study === undefined ? undefined : scopeOf(request).study;
  if (!holds(access, project)) {
    throw new Refusal('NOT_ALLOWED', { what: 'project to store into', got: 'no right to write' });
  }
  const { outcomes, fault } = await storeAll(filesOf(call), {
    archive: call.services.archive,
    options: {
      source: { kind: 'stow', from: call.from },
      project,
      access,
      ...(study === undefined ? {} : { study }),
      signal: call.signal,
    },
  });
  const { dataSet, statusCode, studies, failed } = storeResponse(outcomes, call.base);
  const kept = outcomes.length - failed;
  await recordEvent(call, 'stored', {
    studies,
    detail: `${kept} of ${outcomes.length} instances`,
    outcome: failed === 0 && fault === undefined ? 'success' : 'minor failure',
  });
  if (fault !== undefined) throw kept === 0 ? fault : withKept(fault, kept);
  if (outcomes.length === 0) throw badRequest('instances in the request', { got: 'none' });
  void reply.code(statusCode);
  return sendSingle(call, form, dataSet);
}

/** Who sent a body that breaks off is told that what came before stays. */
function withKept(fault: unknown, kept: number): unknown {
  const got = `${kept} instances before the fault, which are stored`;
  if (fault instanceof Refusal) return new Refusal(fault.code, { ...fault.details, got });
  return fault instanceof VesaliusError ? new VesaliusError(fault.code, { ...fault.details, got }) : fault;
}

/** The Part 10 files of a request, each a stream. @throws 415 */
async function* filesOf(call: Call): AsyncGenerator<AsyncIterable<Uint8Array>> {
  const media = parseMediaType(call.request.headers['content-type'] ?? '');
  const body = bodyOf(call);
  if (media?.type === 'application/dicom') yield body;
  else if (media?.type === 'multipart/related') yield* filesOfParts(call, media, body);
  else throw unsupported(media);
}

async function* filesOfParts(
  call: Call,
  media: MediaType,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<AsyncIterable<Uint8Array>> {
  const boundary = media.parameters.get('boundary');
  if (boundary === undefined) throw badRequest('Content-Type', { got: 'no boundary', expected: 'a boundary' });
  const type = (media.parameters.get('type') ?? 'application/dicom').toLowerCase();
  const parts = readParts(body, boundary);
  if (type === 'application/dicom+json' || type === 'application/json') {
    yield* instancesFromMetadata(parts, call.services.settings.limits);
    return;
  }
  if (type !== 'application/dicom') throw unsupported({ type });
  for await (const part of parts) {
    const partType = parseMediaType(part.headers.get('content-type') ?? 'application/dicom')?.type;
    if (partType !== 'application/dicom') throw unsupported(partType === undefined ? undefined : { type: partType });
    yield part.body;
  }
}

function unsupported({ type }: { readonly type: string } = { type: 'none' }): Refusal {
  return unsupportedMedia('Content-Type of the request or of a part', {
    got: type,
    expected: 'application/dicom, or multipart/related of application/dicom or application/dicom+json',
  });
}
