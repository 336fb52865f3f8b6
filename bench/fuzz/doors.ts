import {
  createProjectKey,
  decodeFrame,
  deidentifyFile,
  fromJson,
  pixelLayout,
  readDicom,
  readDicomHeader,
  readFrame,
  toJson,
  writeDicom,
} from '@vesalius/dicom';
import { writeCommandSet } from '../../packages/dicom-network/src/dimse/command-set.ts';
import { type DimseMessage, MessageAssembler } from '../../packages/dicom-network/src/dimse/message-assembler.ts';
import { PduReader } from '../../packages/dicom-network/src/pdu/pdu-reader.ts';
import { writePdu } from '../../packages/dicom-network/src/pdu/write-pdu.ts';
import { MultipartParser } from '../../packages/server/src/http/multipart/multipart-parser.ts';
import type { Random } from './mutate.ts';
import { PLANTED } from './planted.ts';

export type DoorName = 'files' | 'pdus' | 'bodies';

/** A way by which bytes of strangers come in. */
export interface Door {
  /** Sound bytes to mutate, made of a file. */
  sound(file: Uint8Array): Uint8Array;
  /** Reads mutated bytes as the product does, one operation up to each yield, which gives what would be logged besides errors. */
  read(bytes: Uint8Array, random: Random): AsyncGenerator<unknown, void>;
}

const LIMITS = { inflatedBytes: 1 << 26 };
const PIECE = 4096;
const CT = '1.2.840.10008.5.1.4.1.1.2';
const BOUNDARY = 'fuzz-boundary';
const key = await createProjectKey('the secret of the fuzzed project');

export const DOORS: Record<DoorName, Door> = {
  files: {
    sound: (file) => file,
    async *read(bytes, random) {
      const file = await readDicom(bytes, { limits: LIMITS });
      yield file.warnings;
      // Most of the product reads and rewrites; pixels, names and parts of files are dearer.
      if (random() < 0.5) {
        const json = toJson(file.dataSet);
        yield undefined;
        yield void (await fromJson(json));
      }
      if (random() < 0.5) yield void (await writeDicom({ ...file, dataSet: file.dataSet.without('PatientName') }));
      if (random() < 0.1) yield await deidentified(file);
      if (random() < 0.2) yield void (await readOneFrame(bytes));
      if (random() < 0.2) yield void (await decodeFrame(file, 0));
    },
  },
  pdus: {
    sound: conversation,
    async *read(bytes, random) {
      const reader = new PduReader({ associate: 1 << 16, data: 1 << 14 });
      const taken: DimseMessage[] = [];
      const assembler = new MessageAssembler({
        isAccepted: (id) => id === 1,
        onMessage: (message) => taken.push(message),
        hold: () => {},
        letGo: () => {},
      });
      for (const piece of pieces(bytes, random)) {
        for (const pdu of reader.read(Buffer.from(piece)))
          if (pdu.type === 'P-DATA-TF') for (const value of pdu.values) assembler.take(value);
      }
      for (const { dataSet } of taken) dataSet?.resume().destroy();
      yield undefined;
    },
  },
  bodies: {
    sound: multipart,
    async *read(bytes, random) {
      const parser = new MultipartParser(BOUNDARY);
      const parts: Uint8Array[][] = [];
      for (const piece of pieces(bytes, random)) {
        for (const event of parser.push(piece)) {
          if (event.kind === 'part') parts.push([]);
          else if (event.kind === 'data') parts.at(-1)?.push(Buffer.from(event.bytes));
        }
      }
      parser.end();
      yield undefined;
      for (const chunks of parts.slice(0, 4))
        yield (await readDicom(Buffer.concat(chunks), { limits: LIMITS })).warnings;
    },
  },
};

async function deidentified(file: Parameters<typeof deidentifyFile>[0]): Promise<unknown> {
  const { file: cleaned, ...report } = await deidentifyFile(file, { key });
  await writeDicom(cleaned);
  return report;
}

async function readOneFrame(bytes: Uint8Array): Promise<void> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]);
  const header = await readDicomHeader(source, { limits: LIMITS });
  await readFrame(source, header, pixelLayout(header.dataSet).frames - 1);
}

/** Bytes as a network cuts them. */
function* pieces(bytes: Uint8Array, random: Random): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + Math.floor(random() * PIECE);
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** A request for an association, and a C-STORE of the file over it. */
function conversation(file: Uint8Array): Uint8Array {
  const request = writePdu({
    type: 'A-ASSOCIATE-RQ',
    protocolVersion: 1,
    calledAeTitle: 'ANY-SCP',
    callingAeTitle: PLANTED[2],
    applicationContext: '1.2.840.10008.3.1.1.1',
    contexts: [{ id: 1, abstractSyntax: CT, transferSyntaxes: ['1.2.840.10008.1.2'] }],
    userInformation: {
      maxLength: 16382,
      implementationClassUid: '1.2.3',
      roles: [{ sopClassUid: CT, scu: true, scp: true }],
      extended: [{ sopClassUid: CT, information: Buffer.of(2, 0, 3, 0) }],
      commonExtended: [],
      userIdentity: {
        type: 2,
        positiveResponseRequested: false,
        primary: Buffer.from(PLANTED[0]),
        secondary: Buffer.from(PLANTED[1]),
      },
    },
  });
  const command = writeCommandSet({
    AffectedSOPClassUID: CT,
    CommandField: 1,
    MessageID: 1,
    Priority: 0,
    CommandDataSetType: 1,
    AffectedSOPInstanceUID: '1.2.3.4',
  });
  const pdvs = [{ isCommand: true, isLast: true, data: command as Uint8Array }];
  for (let at = 0; at < file.length; at += PIECE)
    pdvs.push({ isCommand: false, isLast: at + PIECE >= file.length, data: file.subarray(at, at + PIECE) });
  const data = pdvs.map((value) => writePdu({ type: 'P-DATA-TF', values: [{ contextId: 1, ...value }] }));
  return Buffer.concat([request, ...data, writePdu({ type: 'A-RELEASE-RQ' })]);
}

/** Two parts, as STOW-RS has them. */
function multipart(file: Uint8Array): Uint8Array {
  const head = `--${BOUNDARY}\r\nContent-Type: application/dicom\r\nContent-Location: ${PLANTED[1]}\r\n\r\n`;
  const part = [Buffer.from(head), file, Buffer.from('\r\n')];
  return Buffer.concat([...part, ...part, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}
