import { cStore, requestAssociation, type SendableInstance, serveWith } from '@vesalius/dicom-network';
import { VesaliusError } from '@vesalius/errors';
import type { ArchiveSide } from './archive-side.ts';
import { askWell } from './http-client.ts';
import { EXPLICIT, fileOf, type MadeInstance, MR_IMAGE } from './made-instances.ts';

/** Sends by C-STORE over some associations at once, each instance when the one before is answered. @returns instances a second */
export async function sendByStore(
  { dimsePort, aeTitle }: ArchiveSide,
  instances: readonly MadeInstance[],
  associations: number,
): Promise<number> {
  const open = await Promise.all(
    Array.from({ length: associations }, () =>
      requestAssociation({
        peer: { host: '127.0.0.1', port: dimsePort, aeTitle },
        callingAeTitle: 'BENCH',
        contexts: [{ abstractSyntax: MR_IMAGE, transferSyntaxes: [EXPLICIT] }],
        onRequest: serveWith({}),
      }),
    ),
  );
  const started = performance.now();
  await inParallel(instances, associations, async (instance, lane) => {
    const association = open[lane];
    const { status } = association ? await cStore(association, sendable(instance)) : { status: -1 };
    if (status !== 0) throw new VesaliusError('PEER_REFUSED', { what: 'C-STORE', got: `0x${status.toString(16)}` });
  });
  const seconds = (performance.now() - started) / 1000;
  await Promise.all(open.map((association) => association.release()));
  return instances.length / seconds;
}

function sendable({ sopClass, instance, dataSet }: MadeInstance): SendableInstance {
  return { sopClassUid: sopClass, sopInstanceUid: instance, transferSyntaxUids: [EXPLICIT], open: () => dataSet };
}

const BOUNDARY = 'vesalius-bench-boundary';

/** Sends by STOW-RS, so many in a request, so many requests at once. @returns instances a second */
export async function sendByStow(
  { dicomWeb, headers }: ArchiveSide,
  instances: Iterable<MadeInstance>,
  { perRequest, parallel = 1 }: { readonly perRequest: number; readonly parallel?: number },
): Promise<number> {
  const bodies = grouped(instances, perRequest);
  const started = performance.now();
  let count = 0;
  const type = `multipart/related; type="application/dicom"; boundary=${BOUNDARY}`;
  await inParallel(bodies, parallel, async (group) => {
    await askWell(`${dicomWeb}/studies`, {
      method: 'POST',
      headers: { ...headers, 'content-type': type, accept: 'application/dicom+json' },
      body: multipart(group),
    });
    count += group.length;
  });
  return count / ((performance.now() - started) / 1000);
}

function* grouped(instances: Iterable<MadeInstance>, size: number): Generator<MadeInstance[]> {
  let group: MadeInstance[] = [];
  for (const instance of instances) {
    group.push(instance);
    if (group.length === size) yield group;
    if (group.length === size) group = [];
  }
  if (group.length > 0) yield group;
}

function multipart(instances: readonly MadeInstance[]): Buffer {
  const head = Buffer.from(`--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`);
  const parts = instances.flatMap((instance) => [head, fileOf(instance), Buffer.from('\r\n')]);
  return Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** Takes the next piece of work as soon as a lane is free. */
export async function inParallel<T>(
  work: Iterable<T>,
  lanes: number,
  take: (item: T, lane: number) => Promise<unknown>,
): Promise<void> {
  const iterator = work[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let next = iterator.next(); !next.done; next = iterator.next()) await take(next.value, lane);
    }),
  );
}
