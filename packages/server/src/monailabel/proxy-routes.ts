import { forward } from '../http/forward.ts';
import { Refusal } from '../http/refusal.ts';
import { type Call, pathOf } from './call.ts';
import type { Route } from './route.ts';

/** What DICOMweb's own routes begin with; nothing else of the server is reached this way. */
const SERVED = /^(studies|series|instances)(\/|$)/;

/** OHIF's way to the archive: our own DICOMweb, for the one who asks, with what that one may see. */
export const PROXY_ROUTES: readonly Route[] = ['/proxy/dicom/:operation/*', '/proxy/dicom/*'].map((path) => ({
  methods: ['GET', 'POST'],
  path,
  access: 'signed in',
  handler: passOn,
}));

function passOn(call: Call): void {
  const { app, request, reply } = call;
  const operation = pathOf(call, 'operation');
  const rest = pathOf(call, '*');
  const path = ['wado', 'qido', 'stow', ''].includes(operation) ? rest : `${operation}/${rest}`;
  const segments = path.split('/');
  if (!SERVED.test(path) || segments.some((segment) => segment === '..' || segment === '.'))
    throw new Refusal('NOT_FOUND', { what: 'DICOMweb resource', expected: 'studies, series or instances' });
  const query = request.raw.url?.includes('?') ? `?${request.raw.url.split('?').slice(1).join('?')}` : '';
  const { project } = request.params as { project?: string };
  const prefix = project === undefined ? '' : `/projects/${encodeURIComponent(project)}`;
  forward(app, request, reply, `${prefix}/dicom-web/${segments.map(encodeURIComponent).join('/')}${query}`);
}
