export { textOf } from './dicom-values.ts';
export { DCM, DICOM_UID, type FhirResource } from './fhir-resource.ts';
export { resourceId } from './resource-id.ts';
export type { DerivedObject } from './results/derived-object.ts';
export { hasResults, toResults } from './results/to-results.ts';
export { modalityOf, type SeriesContent, type StudyContent, studyId, toImagingStudy } from './to-imaging-study.ts';
export { patientId, toPatient } from './to-patient.ts';
