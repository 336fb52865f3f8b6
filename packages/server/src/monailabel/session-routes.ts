import { Refusal } from '../http/refusal.ts';
import { type Call, countOf, isSet, pathOf } from './call.ts';
import { shownSession } from './image-sessions.ts';
import { readForm } from './read-form.ts';
import type { Route } from './route.ts';
import { sendFile, sendJson } from './send.ts';

/** Images that a client works on without putting them into the archive. */
export const SESSION_ROUTES: readonly Route[] = [
  { methods: ['PUT'], path: '/session/', access: 'annotate', handler: create },
  { methods: ['GET'], path: '/session/:session', access: 'annotate', handler: get },
  { methods: ['DELETE'], path: '/session/:session', access: 'annotate', handler: remove },
];

async function create(call: Call) {
  const { sessions, request, reply, person, project, services } = call;
  const { files } = await readForm(request, services.settings.limits.requestBytes);
  const sent = files.filter(({ field }) => field === 'files');
  if (isSet(call, 'uncompress'))
    throw new Refusal('MEDIA_TYPE', { what: 'archive of a session', expected: 'its files, each as a part of its own' });
  if (sent.length === 0) throw new Refusal('BAD_REQUEST', { what: 'files of the session', got: 'none' });
  await sessions.removeExpired();
  const expirySeconds = countOf(call, 'expiry', 0);
  const session = await sessions.create({ files: sent, principal: person.id, project, expirySeconds });
  return sendJson(reply, { session_id: session.id, session_info: shownSession(session) });
}

async function get(call: Call) {
  const { sessions, person, reply } = call;
  const session = await sessions.get(pathOf(call, 'session'), person.id, isSet(call, 'update_ts'));
  if (!isSet(call, 'image')) return sendJson(reply, shownSession(session));
  const [file, ...more] = await sessions.files(session);
  if (file !== undefined && more.length === 0) return sendFile(reply, file);
  throw new Refusal('CONFLICT', { what: 'image of the session', got: 'several files', expected: 'one file' });
}

async function remove(call: Call) {
  const { sessions, person, reply } = call;
  return sendJson(reply, shownSession(await sessions.remove(pathOf(call, 'session'), person.id)));
}
