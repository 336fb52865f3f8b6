import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDicomFile, createElement, readDicom, writeDicom } from '@vesalius/dicom';
import { firstDay } from '../server/signed-in.ts';
import { type StartedServer, startedServer } from '../server/started-server.ts';
import { numberedFile } from './numbered-instance.ts';

export interface TwoClients {
  /** Requests that were answered with success; the bytes are there once. */
  readonly stored: number;
  /** Copies in the archive. */
  readonly present: number;
  /** Status of the request with other bytes under the UID. */
  readonly refused: number;
}

/** Two clients send one instance at once, a third sends other bytes under its UID. */
export async function storedTogether(): Promise<TwoClients> {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-two-'));
  let server: StartedServer | undefined;
  try {
    server = await startedServer(folder, '--no-samples', '--log', 'error');
    const person = await firstDay(server);
    const send = async (file: Uint8Array<ArrayBuffer>) => {
      const headers = { 'content-type': 'application/dicom', accept: 'application/dicom+json' };
      return (await person.ask('/dicom-web/studies', { method: 'POST', headers, body: file })).status;
    };
    const file = await numberedFile(1);
    const { dataSet } = await readDicom(file);
    const other = await writeDicom(createDicomFile(dataSet.with(createElement('InstanceNumber', 2))));
    const statuses = await Promise.all([send(file), send(file)]);
    const refused = await send(other);
    const found = (await person.json('/dicom-web/instances')) as unknown[];
    return { stored: statuses.filter((status) => status === 200).length, present: found.length, refused };
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
