export { textOf } from './dicom-values.ts';
export { DCM, DICOM_UID, type FhirResource } from './fhir-resource.ts';
export { resourceId } from './resource-id.ts';
export { modalityOf, type SeriesContent, type StudyContent, studyId, toImagingStudy } from './to-imaging-study.ts';
export { patientId, toPatient } from './to-patient.ts';
