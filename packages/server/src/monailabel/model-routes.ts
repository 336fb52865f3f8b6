import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../http/refusal.ts';
import { type Call, pathOf } from './call.ts';
import { modelNamed } from './model-names.ts';
import { record } from './record.ts';
import type { Route } from './route.ts';
import { sendJson } from './send.ts';

const FILE = 'model.onnx';

/** The model's own file. What was trained elsewhere comes in as a signed bundle, by `PUT /api/models`. */
export const MODEL_ROUTES: readonly Route[] = [
  { methods: ['GET'], path: '/model/info/:model', access: 'train', handler: info },
  { methods: ['GET'], path: '/model/:model', access: 'train', handler: download },
  { methods: ['PUT'], path: '/model/:model', access: 'train', handler: refuseUpload },
  { methods: ['DELETE'], path: '/model/:model', access: 'train', handler: remove },
];

async function fileOf(call: Call) {
  const { services, access } = call;
  const { model } = await modelNamed(services.models, pathOf(call, 'model'), access);
  return { model, path: join(services.models.folderOf(model), FILE) };
}

async function info(call: Call) {
  const { path } = await fileOf(call);
  const { mtimeMs, size } = await stat(path);
  const checksum = `SHA256:${createHash('sha256')
    .update(await readFile(path))
    .digest('hex')}`;
  return sendJson(call.reply, { checksum, modified_time: Math.floor(mtimeMs / 1000), size });
}

async function download(call: Call) {
  const { model, path } = await fileOf(call);
  const { size } = await stat(path);
  await record(call, 'exported');
  return call.reply
    .header('content-disposition', `attachment; filename="${model.id.replaceAll(/[^\w.-]/g, '_')}.onnx"`)
    .header('content-length', size)
    .type('application/octet-stream')
    .send(createReadStream(path));
}

function refuseUpload(): never {
  throw new Refusal('MEDIA_TYPE', {
    what: 'model',
    got: 'a file of weights',
    expected: 'a signed bundle as a zip, by PUT /api/models',
  });
}

async function remove(call: Call) {
  const { model } = await fileOf(call);
  await call.services.models.remove(model.id, call.access);
  await record(call, 'removed');
  return sendJson(call.reply, {});
}
