import { acceptOf, type Call } from './call.ts';
import { chooseOffer } from './media/accept.ts';

const WADL = 'application/vnd.sun.wadl+xml';
const JSON_TYPE = 'application/dicom+json';
const METADATA = ['application/dicom+json', 'multipart/related; type="application/dicom+xml"'];
const PICTURES = ['image/jpeg', 'image/png'];
const INSTANCES = ['multipart/related; type="application/dicom"', 'application/dicom', 'application/zip'];
const SERIES = '/studies/{study}/series/{series}';
const INSTANCE = `${SERIES}/instances/{instance}`;
const LEVELS = ['/studies/{study}', SERIES, INSTANCE];

interface Resource {
  readonly path: string;
  readonly methods: Readonly<Record<string, { readonly service: string; readonly answers: readonly string[] }>>;
}

const retrieve = (answers: readonly string[]) => ({ GET: { service: 'WADO-RS', answers } });
const search = { GET: { service: 'QIDO-RS', answers: METADATA } };
const store = { POST: { service: 'STOW-RS', answers: ['application/dicom+json', 'application/dicom+xml'] } };
const remove = { DELETE: { service: 'delete (extension)', answers: [] } };

const RESOURCES: readonly Resource[] = [
  { path: '/studies', methods: { ...search, ...store } },
  { path: '/series', methods: search },
  { path: '/instances', methods: search },
  { path: '/studies/{study}', methods: { ...retrieve(INSTANCES), ...store, ...remove } },
  { path: '/studies/{study}/series', methods: search },
  { path: '/studies/{study}/instances', methods: search },
  { path: SERIES, methods: { ...retrieve(INSTANCES), ...remove } },
  { path: `${SERIES}/instances`, methods: search },
  { path: INSTANCE, methods: { ...retrieve(INSTANCES), ...remove } },
  ...LEVELS.flatMap((path) => [
    { path: `${path}/metadata`, methods: retrieve(METADATA) },
    { path: `${path}/rendered`, methods: retrieve(PICTURES) },
    { path: `${path}/thumbnail`, methods: retrieve(PICTURES) },
  ]),
  {
    path: `${INSTANCE}/frames/{frames}`,
    methods: retrieve(['multipart/related; type="application/octet-stream"', 'multipart/related; type="image/*"']),
  },
  { path: `${INSTANCE}/frames/{frames}/rendered`, methods: retrieve(PICTURES) },
  { path: `${INSTANCE}/frames/{frames}/thumbnail`, methods: retrieve(PICTURES) },
  { path: `${INSTANCE}/bulkdata/{path}`, methods: retrieve(['application/octet-stream']) },
];

/** Says what is served: PS3.18 8.9. */
export function capabilities({ request, reply, base }: Call) {
  const { type } = chooseOffer(acceptOf(request), [
    { type: JSON_TYPE, multipart: false },
    { type: WADL, multipart: false },
  ]);
  void reply.header('allow', 'GET, HEAD, OPTIONS');
  const statement = type === WADL ? wadl(base) : JSON.stringify({ base, resources: RESOURCES });
  return reply.type(type === WADL ? WADL : 'application/json').send(Buffer.from(statement));
}

function wadl(base: string): string {
  const resources = RESOURCES.map(({ path, methods }) => {
    const inner = Object.entries(methods).map(([name, { answers }]) => wadlMethod(name, answers));
    return `<resource path="${path.slice(1)}">${inner.join('')}</resource>`;
  });
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n<application xmlns="http://wadl.dev.java.net/2009/02">';
  return `${head}<resources base="${escaped(base)}">${resources.join('')}</resources></application>`;
}

function wadlMethod(name: string, answers: readonly string[]): string {
  const representations = answers.map((type) => `<representation mediaType="${escaped(type)}"/>`);
  return `<method name="${name}"><response>${representations.join('')}</response></method>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
