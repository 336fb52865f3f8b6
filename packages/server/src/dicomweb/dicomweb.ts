import type { FastifyInstance, HTTPMethods } from 'fastify';
import type { Feature } from '../http/feature.ts';
import type { Permission } from '../http/principal.ts';
import type { Services } from '../services.ts';
import { type Call, callOf, parametersOf } from './call.ts';
import { capabilities } from './capabilities.ts';
import { qidoRs } from './qido/qido-rs.ts';
import { removeInstances } from './remove-instances.ts';
import { stowRs } from './stow/stow-rs.ts';
import { wadoBulkData } from './wado/wado-bulk-data.ts';
import { wadoFrames } from './wado/wado-frames.ts';
import { wadoInstances } from './wado/wado-instances.ts';
import { wadoMetadata } from './wado/wado-metadata.ts';
import { wadoRendered, wadoThumbnail } from './wado/wado-rendered.ts';
import { wadoUri } from './wado/wado-uri.ts';

type Handler = (call: Call) => unknown;

interface Route {
  readonly methods: HTTPMethods[];
  readonly access: Permission | 'signed in';
  /** Below `/dicom-web`; those that begin with two dots lie beside it. */
  readonly path: string;
  readonly handler: Handler;
}

const STUDY = '/studies/:study';
const SERIES = `${STUDY}/series/:series`;
const INSTANCE = `${SERIES}/instances/:instance`;

const reading = (path: string, handler: Handler): Route => ({
  methods: ['GET'],
  access: 'archive.read',
  path,
  handler,
});
const storing = (path: string): Route => ({ methods: ['POST'], access: 'archive.write', path, handler: stowRs });
const removing = (path: string): Route => ({
  methods: ['DELETE'],
  access: 'archive.delete',
  path,
  handler: removeInstances,
});

const ROUTES: readonly Route[] = [
  { methods: ['GET', 'OPTIONS'], access: 'signed in', path: '', handler: capabilities },
  ...['/studies', STUDY].map(storing),
  ...[STUDY, SERIES, INSTANCE].map(removing),
  reading('/studies', (call) => qidoRs(call, 'STUDY')),
  ...['/series', `${STUDY}/series`].map((path) => reading(path, (call) => qidoRs(call, 'SERIES'))),
  ...['/instances', `${STUDY}/instances`, `${SERIES}/instances`].map((path) =>
    reading(path, (call) => qidoRs(call, 'IMAGE')),
  ),
  ...[STUDY, SERIES, INSTANCE].flatMap((path) => [
    reading(path, wadoInstances),
    reading(`${path}/metadata`, wadoMetadata),
    reading(`${path}/rendered`, (call) => wadoRendered(call)),
    reading(`${path}/thumbnail`, (call) => wadoThumbnail(call)),
  ]),
  // Lists of frames are longer than a named parameter may be.
  reading(`${INSTANCE}/frames/*`, framesOrPictures),
  reading(`${INSTANCE}/bulkdata/*`, (call) => wadoBulkData(call, restOf(call))),
  reading('../wado', wadoUri),
];

/**
 * DICOMweb: STOW-RS, QIDO-RS, WADO-RS, WADO-URI, and removal. Under `/dicom-web` all that the caller may see, new studies going to project
 * `default`; under `/projects/{project}/dicom-web` that project alone.
 *
 * @source DICOM PS3.18
 */
export const dicomweb: Feature = async (app, services) => {
  for (const prefix of ['', '/projects/:project']) {
    await app.register(async (scope) => register(scope, services, prefix));
  }
};

function register(scope: FastifyInstance, services: Services, prefix: string): void {
  scope.removeAllContentTypeParsers();
  // Bodies are read as they arrive, by who knows what they are.
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  for (const { methods, access, path, handler } of ROUTES) {
    scope.route({
      method: methods,
      url: path.startsWith('..') ? `${prefix}${path.slice(2)}` : `${prefix}/dicom-web${path}`,
      config: { access },
      handler: async (request, reply) => handler(callOf(services, request, reply)),
    });
  }
}

function framesOrPictures(call: Call) {
  const [list = '', form, ...rest] = restOf(call).split('/');
  if (form === undefined) return wadoFrames(call, list);
  if (form === 'rendered' && rest.length === 0) return wadoRendered(call, list);
  if (form === 'thumbnail' && rest.length === 0) return wadoThumbnail(call, list);
  return call.reply.callNotFound();
}

function restOf({ request }: Call): string {
  return parametersOf(request)['*'] ?? '';
}
