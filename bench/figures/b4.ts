import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArchiveProgram, ArchiveSide } from '../archives/archive-side.ts';
import { askWell } from '../archives/http-client.ts';
import { type MadeInstance, madeInstances, patientOf } from '../archives/made-instances.ts';
import { inParallel, sendByStore, sendByStow } from '../archives/send-instances.ts';
import { orthanc } from '../archives/start-orthanc.ts';
import { vesalius } from '../archives/start-vesalius.ts';
import type { FigureOptions, FigureResult, Measure } from '../figure-result.ts';
import { median } from '../peers/alternate.ts';

interface Sizes {
  readonly rounds: number;
  readonly stored: number;
  readonly storedLarge: number;
  readonly indexed: number;
  readonly requests: number;
  readonly starts: number;
}

const FULL: Sizes = { rounds: 5, stored: 300, storedLarge: 60, indexed: 100_000, requests: 300, starts: 5 };
const QUICK: Sizes = { rounds: 2, stored: 100, storedLarge: 20, indexed: 2000, requests: 60, starts: 2 };
/** 16-bit pixels: of an MR slice, of a CT slice. */
const [SMALL, LARGE] = [128, 512];
const INDEX_RUN = 1000;
const IDLE_MS = 5000;

/** The larger the better: instances, requests or starts a second. */
type Rate = (side: ArchiveSide, round: number) => Promise<number>;

/**
 * Our archive beside Orthanc, asked by the same client in alternating rounds; each ratio is of medians, ours by theirs, and the
 * figure of a goal is the least of its variants.
 */
export const measure: Measure = async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-b4-'));
  try {
    return await measureIn(folder, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

async function measureIn(folder: string, { quick, log }: FigureOptions): Promise<FigureResult> {
  const sizes = quick ? QUICK : FULL;
  const programs = [vesalius(join(folder, 'ours')), orthanc(join(folder, 'theirs'))] as const;
  await fill(programs[0], sizes.indexed, log);
  // Without waiting for the disk, which the measured start after it does again.
  await fill(orthanc(join(folder, 'theirs'), { sync: false }), sizes.indexed, log);
  const table = new RateTable(log);
  for (let start = 0; start < sizes.starts; start++) for (const program of programs) await measureStart(program, table);
  const sides = await Promise.all(programs.map((program) => program.start()));
  try {
    for (const [name, rate] of Object.entries(rates(sizes))) {
      // One round that is not counted: both sides run for weeks, not from cold.
      for (const side of sides) await rate(side, sizes.rounds);
      for (let round = 0; round < sizes.rounds; round++)
        for (const side of round % 2 === 0 ? sides : sides.toReversed())
          table.add(name, side.name, await rate(side, round));
    }
  } finally {
    for (const side of sides) await side.close();
  }
  return table.result();
}

async function fill(program: ArchiveProgram, count: number, log: (line: string) => void): Promise<void> {
  const side = await program.start();
  const rate = await sendByStow(side, madeInstances({ run: INDEX_RUN, count }), { perRequest: 100, parallel: 2 });
  log(`${side.name}: ${count} instances in, ${Math.round(rate)} a second`);
  await side.close();
}

async function measureStart(program: ArchiveProgram, table: RateTable): Promise<void> {
  const side = await program.start();
  table.add('start', side.name, 1000 / side.startMs);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  table.add('idleMemory', side.name, 1 / residentMiB(side.pid));
  await side.close();
}

function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

function rates(sizes: Sizes): Record<string, Rate> {
  const { stored, storedLarge, requests } = sizes;
  const made = (round: number, kind: number, size = SMALL, count = stored): MadeInstance[] => [
    ...madeInstances({ run: 10 * round + kind, count, size }),
  ];
  const studies = Math.ceil(sizes.indexed / 300);
  const [images] = [[...madeInstances({ run: 0, count: stored, size: SMALL })]];
  const [one] = images as [MadeInstance];
  const get =
    (path: (index: number) => string, lanes: number, count = requests, accept = 'application/dicom+json'): Rate =>
    (side) =>
      requestsPerSecond(side, { path, lanes, count, accept });
  const query = (text: (index: number) => string): Rate =>
    get((index) => `/studies?${text((index * 37) % studies)}`, 4);
  const frames = 'multipart/related; type="application/octet-stream"';
  return {
    'cStore.one': (side, round) => sendByStore(side, made(round, 0), 1),
    'cStore.four': (side, round) => sendByStore(side, made(round, 1), 4),
    'cStore.large': (side, round) => sendByStore(side, made(round, 2, LARGE, storedLarge), 1),
    'stow.one': (side, round) => sendByStow(side, made(round, 3), { perRequest: 1 }),
    'stow.fifty': (side, round) => sendByStow(side, made(round, 4), { perRequest: 50 }),
    'stow.large': (side, round) => sendByStow(side, made(round, 5, LARGE, storedLarge), { perRequest: 1 }),
    'qido.patient': query((study) => `PatientID=${patientOf(INDEX_RUN, study).id}`),
    'qido.name': query((study) => `PatientName=${patientOf(INDEX_RUN, study).name.slice(0, 6)}*&limit=20`),
    'qido.date': query((study) => `StudyDate=${patientOf(INDEX_RUN, study).date}&limit=20`),
    'qido.series': get((index) => `/studies/${patientOf(INDEX_RUN, (index * 37) % studies).study}/series`, 4),
    'qido.instances': get(
      (index) => {
        const { study } = patientOf(INDEX_RUN, (index * 37) % Math.max(1, studies - 1));
        return `/studies/${study}/series/${study}.0/instances`;
      },
      4,
      Math.ceil(requests / 10),
    ),
    'wadoFrames.one': get((index) => framePath(images, index), 1, requests, frames),
    'wadoFrames.four': get((index) => framePath(images, index), 4, requests, frames),
    'wadoMetadata.instance': get((index) => `${instancePath(images, index)}/metadata`, 4),
    'wadoMetadata.series': get(
      () => `/studies/${one.study}/series/${one.series}/metadata`,
      4,
      Math.ceil(requests / 10),
    ),
  };
}

function instancePath(images: readonly MadeInstance[], index: number): string {
  const { study, series, instance } = images[index % images.length] as MadeInstance;
  return `/studies/${study}/series/${series}/instances/${instance}`;
}

const framePath = (images: readonly MadeInstance[], index: number): string => `${instancePath(images, index)}/frames/1`;

interface Requests {
  readonly path: (index: number) => string;
  readonly lanes: number;
  readonly count: number;
  readonly accept: string;
}

async function requestsPerSecond(
  { dicomWeb, headers }: ArchiveSide,
  { path, lanes, count, accept }: Requests,
): Promise<number> {
  const paths = Array.from({ length: count }, (_, index) => `${dicomWeb}${path(index)}`);
  const started = performance.now();
  await inParallel(paths, lanes, (url) => askWell(url, { headers: { ...headers, accept } }));
  return count / ((performance.now() - started) / 1000);
}

/** Rates of both sides, variant by variant: `cStore.one`. */
class RateTable {
  readonly #log: (line: string) => void;
  readonly #rates = new Map<string, Map<string, number[]>>();

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  add(variant: string, side: string, rate: number): void {
    this.#log(`${variant} ${side} ${rate.toPrecision(4)}`);
    const sides = this.#rates.get(variant) ?? new Map<string, number[]>();
    sides.set(side, [...(sides.get(side) ?? []), rate]);
    this.#rates.set(variant, sides);
  }

  result(): FigureResult {
    const [figure, peer]: [Record<string, number>, Record<string, number>] = [{}, {}];
    for (const [variant, sides] of this.#rates) {
      const [ours, theirs] = ['Vesalius', 'Orthanc'].map((side) => median(sides.get(side) ?? [Number.NaN])) as [
        number,
        number,
      ];
      const goal = `${variant.split('.')[0]}Ratio`;
      figure[goal] = Math.min(figure[goal] ?? Number.POSITIVE_INFINITY, ours / theirs);
      figure[variant] = ours;
      peer[variant] = theirs;
    }
    return { figure, peer };
  }
}
