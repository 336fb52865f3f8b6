import { buildSegmentation, type Code, createDicomFile, writeDicom } from '@vesalius/dicom';
import { createVolume, type Volume, writeNifti, writeNrrd } from '@vesalius/volume';
import { Refusal } from '../http/refusal.ts';
import type { ArchiveVolume } from '../volumes/series-volumes.ts';
import { type Call, pathOf, queryOf } from './call.ts';
import { volumeOfFiles } from './image-sessions.ts';
import type { Image } from './images.ts';
import { readLabelMap, segmentsOf } from './label-map.ts';
import { ORIGINAL } from './labels.ts';
import { modelNamed, type NamedModel } from './model-names.ts';
import { type Form, parseObject, readForm, readJson } from './read-form.ts';
import { record } from './record.ts';
import type { Route } from './route.ts';
import { paramsOf, runPrediction } from './run-prediction.ts';
import { type SentFile, sendFile, sendForm, sendJson } from './send.ts';

/** Predictions for a client that waits for them. */
export const INFER_ROUTES: readonly Route[] = [
  { methods: ['POST'], path: '/infer/:model', access: 'annotate', handler: infer },
  { methods: ['POST'], path: '/infer/wsi/:model', access: 'annotate', handler: inferPicture },
  { methods: ['POST'], path: '/infer/wsi_v2/:model', access: 'annotate', handler: inferPicture },
];

/** What is predicted: of the archive it says from where. */
interface Input {
  readonly name: string;
  readonly volume: Volume;
  readonly archived?: { readonly image: Image; readonly source: ArchiveVolume };
}

type Params = Readonly<Record<string, unknown>>;

async function infer(call: Call) {
  const { request, reply, services, access } = call;
  const form = await readForm(request, services.settings.limits.requestBytes);
  const params = parseObject(form.fields.get('params'), 'params');
  const named = await modelNamed(services.models, pathOf(call, 'model'), access);
  const input = await inputOf(call, form);
  const output = queryOf(call, 'output') ?? 'all';
  if (output === 'dicom_seg' && input.archived === undefined)
    throw new Refusal('BAD_REQUEST', { what: 'image', got: 'not of the archive', expected: 'a series for dicom_seg' });
  const prediction = await predictionOf(call, { form, params, named, input });
  if (params['save_label'] === true && input.archived)
    await keep(call, { named, input, params, mask: prediction.labels.voxels });
  await record(call, 'predicted', input.archived?.image);
  if (output === 'json') return sendJson(reply, paramsOf(prediction, named.model.labels, 0));
  if (output === 'dicom_seg' && input.archived)
    return sendFile(reply, await segFile(input.archived.source, prediction.labels, { named, params }));
  const began = performance.now();
  const file = await labelFile(prediction.labels, input.name, params);
  if (output === 'image') return sendFile(reply, file);
  return sendForm(reply, paramsOf(prediction, named.model.labels, performance.now() - began), file);
}

/** By what the request brings, then a session, then an image of the archive: the order in which MONAI Label takes them. */
async function inputOf(call: Call, form: Form): Promise<Input> {
  const { sessions, images, services, access, person, signal } = call;
  const file = form.files.find(({ field }) => field === 'file');
  const session = queryOf(call, 'session_id');
  const id = queryOf(call, 'image');
  if (session) {
    const row = await sessions.get(session, person.id);
    return { name: row.id, volume: await sessions.volume(row) };
  }
  if (file) return { name: file.name.replace(/\..*$/, ''), volume: await volumeOfFiles([file]) };
  if (!id) throw new Refusal('BAD_REQUEST', { what: 'image', got: 'none', expected: 'image, session_id or a file' });
  const image = await images.get(id, access);
  const source = await services.volumes.read(image.series, access, signal);
  return { name: image.id, volume: source.volume, archived: { image, source } };
}

interface Asked {
  readonly form: Form;
  readonly params: Params;
  readonly named: NamedModel;
  readonly input: Input;
}

async function predictionOf({ services: { models }, signal }: Call, { form, params, named, input: { volume } }: Asked) {
  const label = form.files.find(({ field }) => field === 'label');
  const { size, voxelToLps } = volume;
  const drawn = label && createVolume({ voxels: await readLabelMap(label, volume), size, voxelToLps });
  return runPrediction({
    models,
    named,
    channels: [volume],
    params,
    signal,
    ...(drawn === undefined ? {} : { drawn }),
  });
}

interface Kept {
  readonly named: NamedModel;
  readonly input: Input;
  readonly params: Params;
  readonly mask: Uint8Array;
}

async function keep({ labels, request, access }: Call, { named: { model }, input, params, mask }: Kept) {
  if (input.archived === undefined) return;
  const tag = typeof params['label_tag'] === 'string' ? params['label_tag'] : ORIGINAL;
  await labels.save({
    ...{ series: input.archived.image.series, tag, mask, segments: segmentsOf(mask, undefined, model.labels), access },
    params: { model: model.id },
    annotator: { id: model.id, name: model.name, kind: 'model' },
    principal: request.principal,
  });
}

async function labelFile(labels: Volume<Uint8Array>, name: string, params: Params): Promise<SentFile> {
  const { result_extension: extension = '.nii.gz', result_compress: compress = true } = params;
  const base = name.replaceAll(/[^\w.-]/g, '_');
  if (extension === '.nrrd' || extension === '.seg.nrrd')
    return {
      name: `${base}.nrrd`,
      bytes: await writeNrrd(labels, { encoding: compress === false ? 'raw' : 'gzip', spaceUnits: false }),
    };
  if (extension === '.nii' || extension === '.nii.gz')
    return { name: `${base}${extension}`, bytes: await writeNifti(labels, { gzip: extension === '.nii.gz' }) };
  throw new Refusal('BAD_REQUEST', { what: 'result_extension', expected: '.nii.gz, .nii or .nrrd' });
}

/** What a label is whose model says no more. */
const TISSUE: Code = { value: '85756007', scheme: 'SCT', meaning: 'Tissue' };

/** A SEG of the model's labels, under the names that the client gives them. */
async function segFile(
  { sources }: ArchiveVolume,
  labels: Volume<Uint8Array>,
  { named: { model }, params }: { readonly named: NamedModel; readonly params: Params },
): Promise<SentFile> {
  const segments = segmentsOf(labels.voxels, params['label_info'], model.labels);
  if (segments.length === 0)
    throw new Refusal('CONFLICT', { what: 'prediction', got: 'nothing found', expected: 'a segment for a SEG' });
  const dataSet = buildSegmentation({
    source: sources,
    content: labels,
    segments: segments.map(({ value, name, category, type }) => ({
      number: value,
      label: name,
      category: category ?? TISSUE,
      type: type ?? TISSUE,
      algorithm: { type: 'AUTOMATIC', name: model.name.slice(0, 64), version: model.version },
    })),
    contentDescription: model.name.slice(0, 64),
  });
  const bytes = await writeDicom(createDicomFile(dataSet));
  return { name: `${dataSet.string('SOPInstanceUID')}.dcm`, bytes, type: 'application/dicom' };
}

/** Whole slides are not kept here: a picture of a region comes with the request, or is an image of the archive. */
async function inferPicture(call: Call) {
  const { request, reply, services, access, signal } = call;
  const isForm = request.routeOptions.url?.includes('wsi_v2') ?? false;
  const form = isForm ? await readForm(request, services.settings.limits.requestBytes) : NO_FORM;
  const asked = isForm ? parseObject(form.fields.get('wsi'), 'wsi') : await readJson(request);
  const named = await modelNamed(services.models, pathOf(call, 'model'), access);
  const { volume, archived } = await inputOf(call, form);
  const params = (asked['params'] ?? {}) as Params;
  const prediction = await runPrediction({ models: services.models, named, channels: [volume], params, signal });
  await record(call, 'predicted', archived?.image);
  return sendJson(reply, { ...paramsOf(prediction, named.model.labels, 0), size: volume.size });
}

const NO_FORM: Form = { fields: new Map(), files: [] };
