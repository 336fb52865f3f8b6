import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Volume, writeNifti } from '@vesalius/volume';
import { Refusal } from '../http/refusal.ts';
import { writeZip, type ZipEntry } from '../http/write-zip.ts';
import { type Call, countOf, demandQuery, queryOf } from './call.ts';
import { ENDING, fileNameOf } from './file-name.ts';
import type { Image } from './images.ts';
import { readLabelMap, segmentsOf } from './label-map.ts';
import { FINAL, type Label } from './labels.ts';
import { demandFile, parseObject, readForm } from './read-form.ts';
import { record } from './record.ts';
import type { Route } from './route.ts';
import { sendFile, sendJson } from './send.ts';
import { stats } from './stats.ts';

const MOST_CASES = 1000;

/** Images and labels: list, images in and out, labels in and out. */
export const DATASTORE_ROUTES: readonly Route[] = [
  { methods: ['GET'], path: '/datastore/', access: 'archive.read', handler: listDatastore },
  ...['/datastore/', '/datastore/image'].flatMap((path): Route[] => [
    { methods: ['PUT'], path, access: 'archive.write', handler: addImage },
    { methods: ['DELETE'], path, access: 'archive.delete', handler: removeImage },
  ]),
  { methods: ['HEAD'], path: '/datastore/image', access: 'archive.read', handler: checkImage },
  { methods: ['GET'], path: '/datastore/image', access: 'archive.read', handler: getImage },
  { methods: ['GET'], path: '/datastore/image/info', access: 'archive.read', handler: getImageInfo },
  { methods: ['PUT'], path: '/datastore/image/info', access: 'annotate', handler: putImageInfo },
  { methods: ['PUT'], path: '/datastore/label', access: 'annotate', handler: saveLabel },
  { methods: ['HEAD'], path: '/datastore/label', access: 'archive.read', handler: checkLabel },
  { methods: ['GET'], path: '/datastore/label', access: 'archive.read', handler: getLabel },
  { methods: ['DELETE'], path: '/datastore/label', access: 'annotate', handler: removeLabel },
  { methods: ['GET'], path: '/datastore/label/info', access: 'archive.read', handler: getLabelInfo },
  {
    methods: ['PUT'],
    path: '/datastore/label/info',
    access: 'annotate',
    handler: (call) => putLabelInfo(call, 'info'),
  },
  {
    methods: ['PUT'],
    path: '/datastore/updatelabelinfo',
    access: 'annotate',
    handler: (call) => putLabelInfo(call, 'params'),
  },
  { methods: ['GET'], path: '/datastore/dataset', access: 'annotate', handler: getDataset },
];

async function listDatastore(call: Call) {
  const { images, labels, access, reply, services } = call;
  const output = queryOf(call, 'output') ?? 'stats';
  if (output === 'stats') return sendJson(reply, await stats(call));
  const ofSeries = await labels.all(access);
  if (output === 'train') {
    const cases = [];
    for await (const { id, series } of images.all(access))
      if (ofSeries.get(series)?.has(FINAL))
        cases.push({ image: fileNameOf(id), label: `labels/${FINAL}/${fileNameOf(id)}` });
    return sendJson(reply, cases);
  }
  if (output !== 'all')
    throw new Refusal('BAD_REQUEST', { what: 'query parameter output', expected: 'all, train or stats' });
  const objects: Record<string, unknown> = {};
  for await (const image of images.all(access)) objects[image.id] = shownObject(image, ofSeries.get(image.series));
  const { publicUrl = '' } = services.settings;
  const name = `Vesalius ${publicUrl}`.trim();
  return sendJson(reply, {
    name,
    description: 'Series of the archive',
    images_dir: '.',
    labels_dir: 'labels',
    objects,
  });
}

function shownObject({ info }: Image, labels?: ReadonlyMap<string, Label>): object {
  const shown = [...(labels ?? [])].map(([tag, label]) => [tag, { ext: ENDING, info: shownLabel(label) }]);
  return { image: { ext: ENDING, info }, labels: Object.fromEntries(shown) };
}

function shownLabel({ annotation, params }: Label): Readonly<Record<string, unknown>> {
  const label_info = annotation.segments.map(({ name, value, color }) => ({ name, idx: value, color }));
  const label_names = Object.fromEntries(annotation.segments.map(({ name, value }) => [name, value]));
  return {
    ts: Math.floor(Date.parse(annotation.updatedAt) / 1000),
    name: fileNameOf(annotation.series),
    label_info,
    annotator: annotation.annotator.name,
    state: annotation.state,
    ...params,
    params: { label_names, ...(params['params'] as object | undefined) },
  };
}

async function addImage(call: Call) {
  const { images, reply, request, project, access, services, person } = call;
  const form = await readForm(request, services.settings.limits.requestBytes);
  const file = demandFile(form, 'file');
  if (!(await services.projects.has(project))) throw new Refusal('NOT_FOUND', { what: 'project' });
  const name = queryOf(call, 'image') || file.name.replace(/\..*$/, '');
  const params = { ...parseObject(form.fields.get('params'), 'params'), user: person.name };
  const image = await images.add(file, { name, project, access, from: request.ip, params });
  await record(call, 'stored', image);
  return sendJson(reply, { image: image.id });
}

async function removeImage(call: Call) {
  const { images, services, access, reply } = call;
  const image = await images.get(demandQuery(call, 'id'), access);
  await services.archive.remove({ study: image.study, series: image.series }, access);
  await record(call, 'removed', image);
  return sendJson(reply, {});
}

async function fileOf(call: Call): Promise<{ readonly image: Image; readonly bytes: Uint8Array }> {
  const image = await call.images.get(demandQuery(call, 'image'), call.access);
  const { volume } = await call.services.volumes.read(image.series, call.access, call.signal);
  return { image, bytes: await writeNifti(volume) };
}

async function checkImage(call: Call) {
  const asked = queryOf(call, 'check_sum');
  if (asked === undefined) await call.images.get(demandQuery(call, 'image'), call.access);
  else await compare(await fileOf(call), asked);
  return sendJson(call.reply, {});
}

async function compare({ bytes }: { readonly bytes: Uint8Array }, asked: string): Promise<void> {
  const [, algorithm = 'SHA256', digest = ''] = /^(?:(\w+):)?(\w+)$/.exec(asked) ?? [];
  if (!/^(SHA256|SHA512|MD5)$/i.test(algorithm))
    throw new Refusal('BAD_REQUEST', { what: 'algorithm of check_sum', expected: 'SHA256, SHA512 or MD5' });
  const own = createHash(algorithm.toLowerCase()).update(bytes).digest('hex');
  if (own !== digest.toLowerCase()) throw new Refusal('NOT_FOUND', { what: 'image with this check_sum' });
}

async function getImage(call: Call) {
  const { image, bytes } = await fileOf(call);
  await record(call, 'retrieved', image);
  return sendFile(call.reply, { name: fileNameOf(image.id), bytes });
}

async function getImageInfo(call: Call) {
  return sendJson(call.reply, (await call.images.get(demandQuery(call, 'image'), call.access)).info);
}

async function putImageInfo(call: Call) {
  const { images, access, request, reply, person, services } = call;
  const image = await images.get(demandQuery(call, 'image'), access);
  const { fields } = await readForm(request, services.settings.limits.requestBytes);
  const info = { ...parseObject(fields.get('info'), 'info'), user: person.name };
  return sendJson(reply, (await images.addInfo(image, info)).info);
}

async function saveLabel(call: Call) {
  const { images, labels, access, request, reply, person, services } = call;
  const form = await readForm(request, services.settings.limits.requestBytes);
  const image = await images.get(demandQuery(call, 'image'), access);
  const { volume, project } = await services.volumes.read(image.series, access, call.signal);
  const params = parseObject(form.fields.get('params'), 'params');
  const mask = await readLabelMap(demandFile(form, 'label'), volume);
  const segments = segmentsOf(mask, params['label_info'], await services.annotations.labelsOf(project));
  const label = await labels.save({
    ...{ series: image.series, mask, segments, access, params },
    tag: queryOf(call, 'tag') || FINAL,
    annotator: { ...person, kind: 'person' },
    principal: request.principal,
  });
  await record(call, 'label-saved', image);
  return sendJson(reply, { image: image.id, label: image.id, ...segmentationOf(label) });
}

function segmentationOf({ annotation: { segmentation } }: Label): object {
  return segmentation === undefined ? {} : { SeriesInstanceUID: segmentation.series };
}

async function labelOf(call: Call, parameter: string): Promise<{ readonly image: Image; readonly label: Label }> {
  const image = await call.images.get(demandQuery(call, parameter), call.access);
  return { image, label: await call.labels.get(image.series, demandQuery(call, 'tag'), call.access) };
}

async function checkLabel(call: Call) {
  await labelOf(call, 'image');
  return sendJson(call.reply, {});
}

async function getLabel(call: Call) {
  const { image, label } = await labelOf(call, 'label');
  const volume: Volume = await call.labels.read(label, call.access);
  return sendFile(call.reply, { name: fileNameOf(image.id), bytes: await writeNifti(volume) });
}

async function removeLabel(call: Call) {
  const { image, label } = await labelOf(call, 'id');
  await call.labels.remove(label, call.access);
  await record(call, 'label-removed', image);
  return sendJson(call.reply, {});
}

async function getLabelInfo(call: Call) {
  return sendJson(call.reply, shownLabel((await labelOf(call, 'label')).label));
}

async function putLabelInfo(call: Call, field: string) {
  const { label } = await labelOf(call, 'label');
  const { fields } = await readForm(call.request, call.services.settings.limits.requestBytes);
  const params = { ...parseObject(fields.get(field), field), user: call.person.name };
  return sendJson(call.reply, shownLabel(await call.labels.addParams(label, params)));
}

/** Images that have a final label, with it, as a zip. */
async function getDataset(call: Call) {
  const { images, labels, access, reply, services, signal } = call;
  const most = countOf(call, 'limit_cases', MOST_CASES) || MOST_CASES;
  const ofSeries = await labels.all(access);
  async function* entries(): AsyncGenerator<ZipEntry> {
    let cases = 0;
    for await (const { id, series } of images.all(access)) {
      const label = ofSeries.get(series)?.get(FINAL);
      if (label === undefined || cases++ >= most) continue;
      const { volume } = await services.volumes.read(series, access, signal);
      yield { name: fileNameOf(id), body: [await writeNifti(volume)] };
      yield { name: `labels/${FINAL}/${fileNameOf(id)}`, body: [await writeNifti(await labels.read(label, access))] };
    }
  }
  await record(call, 'exported');
  return reply
    .header('content-disposition', 'attachment; filename="dataset.zip"')
    .type('application/zip')
    .send(Readable.from(writeZip(entries()), { objectMode: false }));
}
