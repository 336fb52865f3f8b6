import type { DicomJson } from '@vesalius/dicom';
import { fhirDateTime, textOf } from '../dicom-values.ts';
import { studyId } from '../to-imaging-study.ts';

/** A report or a segmentation of the archive, and whose it is. */
export interface DerivedObject {
  readonly sopInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly project: string;
  /** Id of the Patient. */
  readonly patient: string;
  readonly attributes: DicomJson;
  /** When the archive took it: ISO 8601, UTC. */
  readonly storedAt: string;
}

/** What all resources made of one object say alike. */
export function subjectOf({ patient, studyInstanceUid, attributes }: DerivedObject) {
  const at = fhirDateTime(
    textOf(attributes, '00080023'),
    textOf(attributes, '00080033'),
    textOf(attributes, '00080201'),
  );
  return {
    subject: { reference: `Patient/${patient}` },
    study: { reference: `ImagingStudy/${studyId(studyInstanceUid)}` },
    ...(at !== undefined && { effective: { effectiveDateTime: at } }),
  };
}

export const oid = (uid: string) => `urn:oid:${uid}`;
