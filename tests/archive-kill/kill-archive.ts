import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { cStore, requestAssociation } from '@vesalius/dicom-network';
import { VesaliusError } from '@vesalius/errors';
import { firstDay, type Person, personWith } from '../server/signed-in.ts';
import { type StartedServer, startedServer } from '../server/started-server.ts';
import { dataSetBytes, numberedFile, SECONDARY_CAPTURE, studyOf, uidOf } from './numbered-instance.ts';

/** What the server said it has, and what it was asked to take. */
export interface Ledger {
  /** Hashes of the files whose storing was acknowledged, by SOP instance UID; removed again where the removal was. */
  readonly acknowledged: Map<string, string>;
  /** Instances whose removal was acknowledged. One that was asked for and not answered may be there or not. */
  readonly removed: Set<string>;
  next: number;
}

export interface KilledRun {
  readonly acknowledged: number;
  /** Acknowledged and not there, or with other bytes. */
  readonly lost: readonly string[];
  /** Found by a search and not readable whole. */
  readonly halfThere: readonly string[];
  /** Disagreements of index and files, but for bytes that no row needs. */
  readonly findings: readonly string[];
}

export const emptyLedger = (): Ledger => ({ acknowledged: new Map(), removed: new Set(), next: 0 });

/** Starts a server on the folder, sends by STOW and C-STORE and removes at the same time, kills it, and looks what is there. */
export async function killAndLook(
  folder: string,
  ledger: Ledger,
  { token, afterMs }: { token: string; afterMs: number },
): Promise<KilledRun> {
  const server = await startedServer(folder, '--no-samples', '--log', 'error');
  const person = personWith(server.url, token);
  const before = ledger.acknowledged.size;
  const load = [
    stowLoad(person, ledger),
    stowLoad(person, ledger),
    storeLoad(server, ledger),
    removeLoad(person, ledger, server),
  ];
  await setTimeout(afterMs);
  await server.kill();
  await Promise.all(load);
  return { acknowledged: ledger.acknowledged.size - before, ...(await look(folder, token, ledger)) };
}

/** The first start, for a token that later starts know. */
export async function tokenOf(folder: string): Promise<string> {
  const server = await startedServer(folder, '--no-samples', '--log', 'error');
  const { token } = await firstDay(server);
  await server.stop();
  return token;
}

const BOUNDARY = 'instances';

/** Several instances in one request, until the server is gone. */
async function stowLoad(person: Person, ledger: Ledger): Promise<void> {
  for (;;) {
    const numbers = Array.from({ length: 5 }, () => ledger.next++);
    const files = await Promise.all(numbers.map(numberedFile));
    const parts = files.flatMap((file) => [
      Buffer.from(`--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`),
      file,
      Buffer.from('\r\n'),
    ]);
    const body = Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
    const headers = {
      'content-type': `multipart/related; type="application/dicom"; boundary=${BOUNDARY}`,
      accept: 'application/dicom+json',
    };
    try {
      const answer = await person.ask('/dicom-web/studies', { method: 'POST', headers, body });
      const json = (await answer.json()) as Record<string, { Value?: Record<string, { Value?: string[] }>[] }>;
      for (const item of json['00081199']?.Value ?? []) {
        const uid = item['00081155']?.Value?.[0] ?? '';
        const at = numbers.findIndex((number) => uidOf(number) === uid);
        ledger.acknowledged.set(uid, sha256(files[at] as Uint8Array));
      }
    } catch {
      return;
    }
  }
}

/** One instance after the other on one association, until the server is gone. */
async function storeLoad({ dimsePort }: StartedServer, ledger: Ledger): Promise<void> {
  const syntax = '1.2.840.10008.1.2.1';
  try {
    const association = await requestAssociation({
      peer: { host: '127.0.0.1', port: dimsePort, aeTitle: 'VESALIUS' },
      callingAeTitle: 'KILLER',
      contexts: [{ abstractSyntax: SECONDARY_CAPTURE, transferSyntaxes: [syntax] }],
      onRequest: async () => undefined,
    });
    for (;;) {
      const number = ledger.next++;
      const { status } = await cStore(association, {
        sopClassUid: SECONDARY_CAPTURE,
        sopInstanceUid: uidOf(number),
        transferSyntaxUids: [syntax],
        open: () => dataSetBytes(number),
      });
      // The file's head is the server's own: only the data set is compared.
      if (status === 0) ledger.acknowledged.set(uidOf(number), '');
    }
  } catch (error) {
    if (!(error instanceof VesaliusError)) throw error;
  }
}

/** Takes the oldest study away again now and then, until the server is gone. */
async function removeLoad(person: Person, ledger: Ledger, { child }: StartedServer): Promise<void> {
  while (!child.killed) {
    await setTimeout(60);
    const [first] = ledger.acknowledged.keys();
    if (first === undefined || ledger.acknowledged.size < 60) continue;
    const study = studyOf(first);
    const mine = [...ledger.acknowledged.keys()].filter((uid) => studyOf(uid) === study);
    try {
      for (const uid of mine) ledger.acknowledged.delete(uid);
      const { ok } = await person.ask(`/dicom-web/studies/${study}`, { method: 'DELETE' });
      if (ok) for (const uid of mine) ledger.removed.add(uid);
    } catch {
      return;
    }
  }
}

async function look(folder: string, token: string, ledger: Ledger): Promise<Omit<KilledRun, 'acknowledged'>> {
  const server = await startedServer(folder, '--no-samples', '--log', 'error');
  const person = personWith(server.url, token);
  try {
    const found = await allFound(person);
    const halfThere: string[] = [];
    const lost = [...ledger.acknowledged.keys()].filter((uid) => !found.has(uid));
    for (const [uid, path] of found) {
      const file = await retrieved(person, path);
      const expected = ledger.acknowledged.get(uid);
      if (file === undefined) halfThere.push(uid);
      else if (expected && sha256(file) !== expected) lost.push(uid);
      else if (
        expected === '' &&
        !file.subarray(-dataSetBytes(numberOf(uid)).length).equals(dataSetBytes(numberOf(uid)))
      )
        lost.push(uid);
    }
    const risen = [...found.keys()].filter((uid) => ledger.removed.has(uid)).map((uid) => `removed and there: ${uid}`);
    return { lost, halfThere, findings: [...risen, ...(await findingsOf(person))] };
  } finally {
    await server.stop();
  }
}

/** Where each instance is retrieved, by its UID. */
async function allFound(person: Person): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let offset = 0; ; offset += 500) {
    const page = (await person.json(`/dicom-web/instances?limit=500&offset=${offset}`)) as Record<
      string,
      { Value?: string[] }
    >[];
    for (const match of page) {
      const [study, series, uid] = ['0020000D', '0020000E', '00080018'].map((tag) => match[tag]?.Value?.[0] ?? '');
      found.set(uid ?? '', `/dicom-web/studies/${study}/series/${series}/instances/${uid}`);
    }
    if (page.length < 500) return found;
  }
}

async function retrieved(person: Person, path: string): Promise<Buffer | undefined> {
  const answer = await person.ask(path, { headers: { accept: 'application/dicom; transfer-syntax=*' } });
  if (!answer.ok) return undefined;
  return Buffer.from(await answer.arrayBuffer());
}

async function findingsOf(person: Person): Promise<string[]> {
  const job = await person.ended(await person.json('/api/verifications', { deep: true, repair: true }));
  const report = job.result as { findings: { kind: string; what: string }[] } | undefined;
  if (job.state !== 'succeeded' || !report) return [`verification ${job.state}`];
  return report.findings
    .filter(({ kind }) => kind !== 'object without row')
    .map(({ kind, what }) => `${kind}: ${what}`);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const numberOf = (uid: string): number => Number(uid.slice(uid.lastIndexOf('.') + 1));
