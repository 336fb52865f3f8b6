import { type Call, recordEvent, scopeOf } from './call.ts';
import { notFound } from './refusals.ts';

/** Removes a study, series or instance, an extension that many archives have. */
export async function removeInstances(call: Call) {
  const removed = await call.services.archive.remove(scopeOf(call.request), call.access);
  if (removed.length === 0) throw notFound('instances to remove');
  await recordEvent(call, 'removed', {
    studies: removed.map(({ studyInstanceUid }) => studyInstanceUid),
    detail: `${removed.length} instances`,
  });
  return call.reply.code(204).send();
}
