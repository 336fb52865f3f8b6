const text = (words: string) => ({ text: words });
const patient = { reference: 'Patient/example' };
const LOINC = 'http://loinc.org';
const ACTIVE = [{ system: 'phone' as const, value: '1' }];

/** One resource of every type that clients write. */
export const FHIR_RESOURCES: readonly { readonly resourceType: string; readonly [element: string]: unknown }[] = [
  { resourceType: 'Patient', name: [{ family: 'Test', given: ['Anna'] }], gender: 'female', birthDate: '1980-02-29' },
  {
    resourceType: 'ImagingStudy',
    status: 'available',
    subject: patient,
    series: [{ uid: '1.2.3', modality: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: 'CT' } }],
  },
  {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject: patient,
    code: text('CT of the chest'),
  },
  {
    resourceType: 'DiagnosticReport',
    status: 'final',
    code: { coding: [{ system: LOINC, code: '18748-4', display: 'Diagnostic imaging study' }] },
    subject: patient,
    conclusion: 'No finding.',
  },
  {
    resourceType: 'Observation',
    status: 'final',
    code: text('Volume'),
    subject: patient,
    valueQuantity: { value: 4.2, unit: 'mL', system: 'http://unitsofmeasure.org', code: 'mL' },
  },
  { resourceType: 'Device', status: 'active', deviceName: [{ name: 'Vesalius', type: 'manufacturer-name' }] },
  {
    resourceType: 'Provenance',
    target: [patient],
    recorded: '2026-01-01T00:00:00Z',
    agent: [{ who: { display: 'Vesalius' } }],
  },
  {
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
    category: [{ coding: [{ system: LOINC, code: '59284-0' }] }],
    patient,
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
  },
  { resourceType: 'Task', status: 'requested', intent: 'order', for: patient },
  {
    resourceType: 'Subscription',
    status: 'off',
    reason: 'New studies',
    criteria: 'ImagingStudy?status=available',
    channel: { type: 'rest-hook', endpoint: 'https://example.org/hook', payload: 'application/fhir+json' },
  },
  {
    resourceType: 'Endpoint',
    status: 'active',
    connectionType: { system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type', code: 'dicom-wado-rs' },
    payloadType: [text('DICOM')],
    address: 'https://example.org/dicom-web',
  },
  { resourceType: 'Organization', name: 'Hospital', telecom: ACTIVE },
  { resourceType: 'Practitioner', name: [{ family: 'House' }] },
];
