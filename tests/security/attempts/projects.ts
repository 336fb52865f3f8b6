import type { AttackedServer } from '../attacked-server.ts';
import { type Attempt, eachShut, shut } from '../attempt.ts';
import { PLANTED_ID, type Scan, scan } from '../scans.ts';

const about = 'Data of other projects';
const DICOM = { 'content-type': 'application/dicom' };

/** A scan in project `lung`, which the attacker has no part in. */
async function scanOfLung({ ask, tokenWith }: AttackedServer): Promise<Scan> {
  const one = await scan();
  const token = await tokenWith(['archive.write']);
  await ask('/projects/lung/dicom-web/studies', {
    method: 'POST',
    token,
    headers: DICOM,
    body: new Uint8Array(one.bytes),
  });
  return one;
}

/** What a Bundle holds, without its `link`s: those repeat the search that was sent. Any other answer whole. */
function resourcesOf(text: string): string {
  const answer = JSON.parse(text) as {
    readonly resourceType: string;
    readonly total?: number;
    readonly entry?: unknown;
  };
  if (answer.resourceType !== 'Bundle') return text;
  return JSON.stringify([answer.total, answer.entry]);
}

export const PROJECT_ATTEMPTS: readonly Attempt[] = [
  {
    about,
    name: 'every way to read a scan of another project',
    tryIt: async (target) => {
      const { study, series, instance } = await scanOfLung(target);
      const token = await target.tokenWith(['archive.read'], ['heart']);
      const at = `/dicom-web/studies/${study}`;
      const whole = `${at}/series/${series}/instances/${instance}`;
      const own = await target.ask(whole, { token: await target.tokenWith(['archive.read'], ['lung']) });
      if (own.status !== 200) return `its own project is answered ${own.status}`;
      const paths = [
        at,
        `${at}/metadata`,
        `${at}/thumbnail`,
        `${at}/series/${series}`,
        whole,
        `${whole}/metadata`,
        `${whole}/frames/1`,
        `${whole}/rendered`,
        `${whole}/bulkdata/7FE00010`,
      ];
      const prefixed = paths.map((path) => `/projects/heart${path}`);
      const wado = `/wado?requestType=WADO&studyUID=${study}&seriesUID=${series}&objectUID=${instance}&contentType=application/dicom`;
      return eachShut([...paths, ...prefixed, wado], async (path) =>
        shut(path.slice(0, 30), (await target.ask(path, { token })).status, 404, 403),
      );
    },
  },
  {
    about,
    name: 'every way to find it',
    tryIt: async (target) => {
      const { study } = await scanOfLung(target);
      const token = await target.tokenWith(['archive.read'], ['heart']);
      const own = await target.ask('/dicom-web/studies', { token: await target.tokenWith(['archive.read'], ['lung']) });
      if (!own.text.includes(study)) return 'its own project does not find it';
      const searches = [
        `studies?StudyInstanceUID=${study}`,
        `studies?PatientID=${PLANTED_ID}`,
        'studies',
        'series',
        'instances',
        `studies/${study}/series`,
        `studies/${study}/instances`,
        'studies?limit=1000&includefield=all',
      ];
      return eachShut(searches, async (search) =>
        (await target.ask(`/dicom-web/${search}`, { token })).text.includes(study) ? `${search} tells it` : undefined,
      );
    },
  },
  {
    about,
    name: 'reaching it by the address of the other project',
    tryIt: async (target) => {
      const { study } = await scanOfLung(target);
      const token = await target.tokenWith(['archive.read', 'archive.write', 'archive.delete'], ['heart']);
      return eachShut(['GET', 'DELETE'], async (method) =>
        shut(method, (await target.ask(`/projects/lung/dicom-web/studies/${study}`, { method, token })).status, 403),
      );
    },
  },
  {
    about,
    name: 'deleting it, or adding to its study',
    tryIt: async (target) => {
      const { study, series } = await scanOfLung(target);
      const token = await target.tokenWith(['archive.read', 'archive.write', 'archive.delete'], ['heart']);
      const gone = await target.ask(`/dicom-web/studies/${study}`, { method: 'DELETE', token });
      const added = await scan({ StudyInstanceUID: study, SeriesInstanceUID: series });
      const stowed = await target.ask('/projects/heart/dicom-web/studies', {
        method: 'POST',
        token,
        headers: DICOM,
        body: new Uint8Array(added.bytes),
      });
      const there = await target.ask(`/dicom-web/studies/${study}/metadata`, {
        token: await target.tokenWith(['archive.read']),
      });
      if (there.status !== 200 || there.text.includes(added.instance)) return 'the study was changed';
      return shut('DELETE', gone.status, 403, 404) ?? shut('STOW', stowed.status, 403, 409);
    },
  },
  {
    about,
    name: 'its patient and study by FHIR',
    tryIt: async (target) => {
      const { study } = await scanOfLung(target);
      const token = await target.tokenWith(['fhir.read'], ['heart']);
      const paths = [
        '/fhir/Patient',
        `/fhir/Patient?identifier=${PLANTED_ID}`,
        '/fhir/ImagingStudy',
        `/fhir/ImagingStudy?identifier=urn:oid:${study}`,
        '/fhir/ImagingStudy?_include=ImagingStudy:subject',
        '/fhir/AuditEvent',
      ];
      return eachShut(paths, async (path) => {
        const { text } = await target.ask(path, { token });
        const told = resourcesOf(text);
        return told.includes(study) || told.includes(PLANTED_ID) ? `${path} tells it` : undefined;
      });
    },
  },
];
