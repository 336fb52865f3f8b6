/** A FHIR R4 resource as plain JSON. */
export interface FhirResource {
  readonly resourceType: string;
  readonly id?: string;
  readonly meta?: FhirMeta;
  readonly [element: string]: unknown;
}

export interface FhirMeta {
  readonly versionId?: string;
  readonly lastUpdated?: string;
  readonly [element: string]: unknown;
}

export const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
export const DICOM_UID = 'urn:dicom:uid';
