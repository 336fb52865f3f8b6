import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { studyId } from '@vesalius/fhir';
import type { ArchiveSide } from '../archives/archive-side.ts';
import { type CloneOptions, cloneStudies, type StudyMarks } from '../archives/clone-studies.ts';
import { ask, askWell } from '../archives/http-client.ts';
import { madeInstances, patientOf } from '../archives/made-instances.ts';
import { sendByStow } from '../archives/send-instances.ts';
import { vesalius } from '../archives/start-vesalius.ts';
import type { Measure } from '../figure-result.ts';

const INSTANCES_PER_STUDY = 100;
const TEMPLATE_RUN = 9999;
const RUN = 2000;
const PATIENTS_PER_STUDY = 0.5;

/** Values that stand nowhere else in the template's rows. */
const TEMPLATE: StudyMarks = {
  study: patientOf(TEMPLATE_RUN, 0).study,
  patient: 'PATIENTMARK',
  name: 'NAMEMARK',
  date: '19010203',
  accession: 'ACCESSIONMARK',
};

/** Queries by keys that have an index, for the study of a number. */
type Query = (study: number) => string;

/** Median and 95th percentile of QIDO and FHIR searches over HTTP, at growing numbers of instances in the real schema. */
export const measure: Measure = async ({ quick, log }) => {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-b5-'));
  const figure: Record<string, number> = {};
  const program = vesalius(folder);
  try {
    await storeTemplate(await program.start());
    let from = 0;
    for (const instances of quick ? [1000, 10_000] : [1000, 100_000, 1_000_000]) {
      const to = instances / INSTANCES_PER_STUDY;
      const started = performance.now();
      const rows = cloneStudies({ ...cloning(folder), from, to });
      log(`${instances} instances: ${rows} rows written in ${Math.round((performance.now() - started) / 1000)} s`);
      from = to;
      // The first start after it brings FHIR's own tables up to date.
      await (await program.start()).close();
      const side = await program.start();
      log(`start ${Math.round(side.startMs)} ms`);
      figure[`startMs.${instances}`] = side.startMs;
      for (const [service, queries] of Object.entries(SERVICES)) {
        if (!(await isThere(side, service))) continue;
        const worst = await slowest(side, { queries, studies: to, times: quick ? 40 : 200, log });
        figure[`p95Ms.${service}.${instances}`] = worst.p95;
        figure[`medianMs.${service}.${instances}`] = worst.median;
      }
      await side.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { figure, peer: {} };
};

async function storeTemplate(side: ArchiveSide): Promise<void> {
  const patient = {
    id: TEMPLATE.patient,
    name: `${TEMPLATE.name}^Pat`,
    date: TEMPLATE.date,
    accession: TEMPLATE.accession,
  };
  const instances = madeInstances({ run: TEMPLATE_RUN, count: INSTANCES_PER_STUDY, perSeries: 34, size: 4, patient });
  await sendByStow(side, instances, { perRequest: INSTANCES_PER_STUDY });
  await side.close();
}

function cloning(folder: string): Pick<CloneOptions, 'file' | 'template' | 'marksOf'> {
  return { file: join(folder, 'data/vesalius.sqlite'), template: TEMPLATE, marksOf };
}

/** Two studies a patient. */
function marksOf(number: number): StudyMarks {
  const { study, date, accession } = patientOf(RUN, number);
  const { id, name } = patientOf(RUN, Math.floor(number * PATIENTS_PER_STUDY));
  return { study, date, accession, patient: id, name: name.split('^')[0] ?? '' };
}

const SERVICES: Readonly<Record<string, Readonly<Record<string, Query>>>> = {
  qido: {
    patientId: (study) => `/dicom-web/studies?PatientID=${marksOf(study).patient}`,
    name: (study) => `/dicom-web/studies?PatientName=${marksOf(study).name}*&limit=50`,
    nameBeginning: (study) => `/dicom-web/studies?PatientName=${marksOf(study).name.slice(0, 6)}*&limit=50`,
    fuzzyName: (study) =>
      `/dicom-web/studies?PatientName=${marksOf(study).name.slice(0, 7)}&fuzzymatching=true&limit=50`,
    date: (study) => `/dicom-web/studies?StudyDate=${marksOf(study).date}&limit=50`,
    dates: (study) =>
      `/dicom-web/studies?StudyDate=${marksOf(study).date.slice(0, 6)}01-${marksOf(study).date}&limit=50`,
    accession: (study) => `/dicom-web/studies?AccessionNumber=${marksOf(study).accession}`,
    study: (study) => `/dicom-web/studies?StudyInstanceUID=${marksOf(study).study}`,
    modalityAndDate: (study) => `/dicom-web/studies?ModalitiesInStudy=MR&StudyDate=${marksOf(study).date}&limit=50`,
    series: (study) => `/dicom-web/studies/${marksOf(study).study}/series`,
    instances: (study) => `/dicom-web/studies/${marksOf(study).study}/series/${marksOf(study).study}.0/instances`,
    instance: (study) => `/dicom-web/instances?SOPInstanceUID=${marksOf(study).study}.1.7`,
    latest: () => '/dicom-web/studies?limit=50',
  },
  fhir: {
    patientIdentifier: (study) => `/fhir/Patient?identifier=${marksOf(study).patient}`,
    patientName: (study) => `/fhir/Patient?name=${marksOf(study).name}&_count=50`,
    patientNameBeginning: (study) => `/fhir/Patient?family=${marksOf(study).name.slice(0, 6)}&_count=50`,
    studyIdentifier: (study) => `/fhir/ImagingStudy?identifier=urn:oid:${marksOf(study).study}`,
    accession: (study) => `/fhir/ImagingStudy?identifier=${marksOf(study).accession}`,
    started: (study) => `/fhir/ImagingStudy?started=${dashed(marksOf(study).date)}&_count=50`,
    startedWithin: (study) =>
      `/fhir/ImagingStudy?started=ge${dashed(marksOf(study).date).slice(0, 8)}01&started=le${dashed(marksOf(study).date)}&_count=50`,
    modalityAndDate: (study) => `/fhir/ImagingStudy?modality=MR&started=${dashed(marksOf(study).date)}&_count=50`,
    studiesOfPatient: (study) => `/fhir/ImagingStudy?patient.identifier=${marksOf(study).patient}`,
    studyById: (study) => `/fhir/ImagingStudy/${studyId(marksOf(study).study)}`,
  },
};

const dashed = (date: string): string => `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;

interface Asking {
  readonly queries: Readonly<Record<string, Query>>;
  readonly studies: number;
  readonly times: number;
  readonly log: (line: string) => void;
}

async function isThere({ dicomWeb, headers }: ArchiveSide, service: string): Promise<boolean> {
  return service !== 'fhir' || (await ask(dicomWeb.replace(/dicom-web$/, 'fhir/Patient'), { headers })).status < 300;
}

/** Of the kind of query whose 95th percentile is largest. */
async function slowest({ dicomWeb, headers }: ArchiveSide, { queries, studies, times, log }: Asking) {
  const root = dicomWeb.replace(/\/dicom-web$/, '');
  let worst = { median: 0, p95: 0 };
  for (const [name, query] of Object.entries(queries)) {
    const took: number[] = [];
    for (let i = 0; i < times; i++) {
      const url = `${root}${query((i * 7919) % studies)}`;
      const started = performance.now();
      await askWell(url, {
        headers: { ...headers, accept: url.includes('/fhir/') ? 'application/fhir+json' : 'application/dicom+json' },
      });
      took.push(performance.now() - started);
    }
    const sorted = took.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
    log(`${name}: median ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms`);
    if (at(0.95) > worst.p95) worst = { median: at(0.5), p95: at(0.95) };
  }
  return worst;
}
