import { Refusal } from '../http/refusal.ts';
import type { Call } from './call.ts';
import { readForm } from './read-form.ts';
import type { Route } from './route.ts';
import { sendJson } from './send.ts';

const FORM_BYTES = 1 << 16;

/** Registered only where credentials are asked for: that they are missing is how clients learn that none are needed. */
export const AUTH_ROUTES: readonly Route[] = [
  { methods: ['GET'], path: '/auth/', access: 'public', handler: describe },
  { methods: ['POST'], path: '/auth/token', access: 'public', handler: issue },
  { methods: ['GET'], path: '/auth/token/valid', access: 'signed in', handler: valid },
];

function describe({ reply, services: { settings } }: Call) {
  return sendJson(reply, { enabled: true, client_id: 'vesalius', realm: settings.publicUrl ?? 'vesalius' });
}

/** OAuth 2's password grant (RFC 6749 4.3), which is all that these clients know. */
async function issue({ request, reply, services: { passwordTokens } }: Call) {
  const { fields } = await readForm(request, FORM_BYTES);
  const [name, password] = [fields.get('username'), fields.get('password')];
  if (!name || !password || (fields.get('grant_type') ?? 'password') !== 'password')
    throw new Refusal('BAD_REQUEST', { what: 'form', expected: 'grant_type=password, username and password' });
  const access_token = await passwordTokens.issue(request, { name, password, client: 'MONAI Label' });
  return sendJson(reply, { access_token, token_type: 'Bearer' });
}

function valid({ request: { principal }, person, reply }: Call) {
  const roles = [
    ...(holds('train') ? ['monailabel-admin'] : []),
    ...(holds('annotate') ? ['monailabel-reviewer', 'monailabel-annotator'] : []),
    ...(holds('archive.read') ? ['monailabel-user'] : []),
  ];
  return sendJson(reply, { username: person.name, email: null, name: person.name, roles });

  function holds(permission: 'train' | 'annotate' | 'archive.read'): boolean {
    return principal.accessFor(permission).projects.length > 0;
  }
}
