import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cStore, requestAssociation } from '@vesalius/dicom-network';
import { VesaliusError } from '@vesalius/errors';
import { firstDay, type Person } from '../server/signed-in.ts';
import { type StartedServer, startedServer } from '../server/started-server.ts';
import { dataSetBytes, numberedFile, SECONDARY_CAPTURE, uidOf } from './numbered-instance.ts';

export interface FullDisk {
  readonly stored: number;
  /** Status of C-STORE on the full disk: PS3.4 B.2.3 says A7xx. */
  readonly status: number;
  /** HTTP status of STOW on the full disk. */
  readonly stowStatus: number;
  /** Of what was stored before. */
  readonly lost: number;
}

/** Stores on a disk of 24 MiB until it is full; needs to be root, to mount it. */
export async function storedUntilFull(): Promise<FullDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-full-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]).status !== 0)
    throw new VesaliusError('DEPENDENCY_MISSING', { what: 'a small disk', expected: 'the right to mount one' });
  let server: StartedServer | undefined;
  try {
    server = await startedServer(folder, '--no-samples', '--log', 'error');
    const person = await firstDay(server);
    const { stored, status } = await storeUntilRefused(server);
    const stow = await person.ask('/dicom-web/studies', {
      method: 'POST',
      headers: { 'content-type': 'application/dicom', accept: 'application/dicom+json' },
      body: await numberedFile(1e6),
    });
    const lost = await countLost(person, stored);
    return { stored, status, stowStatus: stow.status, lost };
  } finally {
    await server?.stop();
    spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function storeUntilRefused({ dimsePort }: StartedServer): Promise<{ stored: number; status: number }> {
  const syntax = '1.2.840.10008.1.2.1';
  const association = await requestAssociation({
    peer: { host: '127.0.0.1', port: dimsePort, aeTitle: 'VESALIUS' },
    callingAeTitle: 'FILLER',
    contexts: [{ abstractSyntax: SECONDARY_CAPTURE, transferSyntaxes: [syntax] }],
    onRequest: async () => undefined,
  });
  for (let stored = 0; ; stored++) {
    const { status } = await cStore(association, {
      sopClassUid: SECONDARY_CAPTURE,
      sopInstanceUid: uidOf(stored),
      transferSyntaxUids: [syntax],
      open: () => dataSetBytes(stored),
    });
    if (status === 0) continue;
    await association.release();
    return { stored, status };
  }
}

async function countLost(person: Person, stored: number): Promise<number> {
  let lost = 0;
  for (let number = 0; number < stored; number += 1) {
    const uid = uidOf(number);
    const series = uid.slice(0, uid.lastIndexOf('.'));
    const study = series.slice(0, series.lastIndexOf('.'));
    const answer = await person.ask(`/dicom-web/studies/${study}/series/${series}/instances/${uid}`, {
      headers: { accept: 'application/dicom; transfer-syntax=*' },
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const expected = dataSetBytes(number);
    if (!answer.ok || !bytes.subarray(-expected.length).equals(expected)) lost++;
  }
  return lost;
}
