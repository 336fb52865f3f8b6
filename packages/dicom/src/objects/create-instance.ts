import { VesaliusError } from '@vesalius/errors';
import { UNICODE } from '../character-sets/encode-text.ts';
import { DataSet } from '../data-set/data-set.ts';
import type { Keyword } from '../dictionary/generated/keyword.ts';
import { attributesInUnicode } from './attributes-in-unicode.ts';
import { createDataSet, type DataSetRecord } from './create-data-set.ts';
import { createUid } from './create-uid.ts';

/** Who makes the object: PS3.3 C.7.5.2. */
export interface Equipment {
  readonly manufacturer: string;
  readonly model: string;
  readonly serialNumber: string;
  readonly softwareVersions: string;
}

/** What every object that is built can be told; all of it has defaults. */
export interface InstanceOptions {
  /** Default: a series of its own. */
  readonly seriesInstanceUid?: string;
  readonly seriesNumber?: number;
  readonly seriesDescription?: string;
  readonly sopInstanceUid?: string;
  readonly instanceNumber?: number;
  readonly equipment?: Equipment;
  readonly now?: Date;
}

export interface InstanceRequest extends InstanceOptions {
  /** The instances it is made from: patient and study are theirs. */
  readonly source: readonly DataSet[];
  readonly sopClassUid: string;
  readonly modality: string;
  readonly attributes: DataSetRecord;
}

const DEFAULT_EQUIPMENT: Equipment = {
  manufacturer: 'Vesalius',
  model: 'Vesalius',
  serialNumber: '0',
  softwareVersions: '0.1.0',
};

/** Of the patient, study and clinical-trial modules: PS3.3 C.7.1, C.7.2. Names first that must be there, if empty. */
const REQUIRED: readonly Keyword[] = [
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'PatientSex',
  'StudyInstanceUID',
  'StudyDate',
  'StudyTime',
  'StudyID',
  'AccessionNumber',
  'ReferringPhysicianName',
];
const COPIED: readonly Keyword[] = [
  ...REQUIRED,
  'IssuerOfPatientID',
  'IssuerOfPatientIDQualifiersSequence',
  'TypeOfPatientID',
  'OtherPatientIDsSequence',
  'PatientBirthTime',
  'PatientSpeciesDescription',
  'PatientSpeciesCodeSequence',
  'PatientBreedDescription',
  'PatientBreedCodeSequence',
  'BreedRegistrationSequence',
  'ResponsiblePerson',
  'ResponsibleOrganization',
  'EthnicGroup',
  'PatientIdentityRemoved',
  'DeidentificationMethod',
  'DeidentificationMethodCodeSequence',
  'LongitudinalTemporalInformationModified',
  'IssuerOfAccessionNumberSequence',
  'StudyDescription',
  'ProcedureCodeSequence',
  'PatientAge',
  'PatientSize',
  'PatientWeight',
  'TimezoneOffsetFromUTC',
  'ClinicalTrialSponsorName',
  'ClinicalTrialProtocolID',
  'ClinicalTrialProtocolName',
  'ClinicalTrialSiteID',
  'ClinicalTrialSiteName',
  'ClinicalTrialSubjectID',
  'ClinicalTrialSubjectReadingID',
];

/**
 * An instance of a patient and study: the modules that all objects have, and attributes of its own.
 *
 * @throws DATA_MISMATCH when the sources are of several studies or patients, INVALID_ARGUMENT when there is none
 */
export function createInstance({ source, sopClassUid, modality, attributes, ...options }: InstanceRequest): DataSet {
  const first = firstOf(source);
  assertOneStudy(source);
  const own = createDataSet({
    SpecificCharacterSet: UNICODE,
    SOPClassUID: sopClassUid,
    SOPInstanceUID: options.sopInstanceUid ?? createUid(),
    Modality: modality,
    SeriesInstanceUID: options.seriesInstanceUid ?? createUid(),
    SeriesNumber: options.seriesNumber ?? 1,
    SeriesDescription: options.seriesDescription,
    InstanceNumber: options.instanceNumber ?? 1,
    ...equipmentOf(options.equipment ?? DEFAULT_EQUIPMENT),
    ...attributes,
  });
  const empty = createDataSet(Object.fromEntries(REQUIRED.map((name) => [name, null])) as DataSetRecord);
  return new DataSet([...empty, ...attributesInUnicode(first, COPIED), ...own]);
}

function equipmentOf({ manufacturer, model, serialNumber, softwareVersions }: Equipment): DataSetRecord {
  return {
    Manufacturer: manufacturer,
    ManufacturerModelName: model,
    DeviceSerialNumber: serialNumber,
    SoftwareVersions: softwareVersions,
  };
}

function firstOf(source: readonly DataSet[]): DataSet {
  const [first] = source;
  if (first === undefined) throw new VesaliusError('INVALID_ARGUMENT', { what: 'source instances', got: 'none' });
  return first;
}

function assertOneStudy(source: readonly DataSet[]): void {
  for (const name of ['StudyInstanceUID', 'PatientID'] as const) {
    const several = new Set(source.map((one) => one.string(name) ?? '')).size;
    if (several > 1)
      throw new VesaliusError('DATA_MISMATCH', { what: `${name} of the source instances`, got: `${several} values` });
  }
}

/** A moment as DA and TM, in the time zone of the source where it states one, or else of this machine. */
export function dateAndTime(now: Date, source?: DataSet): { readonly date: string; readonly time: string } {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(source?.string('TimezoneOffsetFromUTC') ?? '') ?? [];
  const east = sign ? Number(`${sign}1`) * (60 * Number(hours) + Number(minutes)) : -now.getTimezoneOffset();
  const digits = new Date(now.getTime() + 60_000 * east).toISOString().replaceAll(/[-:TZ]/g, '');
  return { date: digits.slice(0, 8), time: digits.slice(8) };
}
