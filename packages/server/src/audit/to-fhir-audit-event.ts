import type { AuditRecord } from './audit-log.ts';

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';

/** DICOM PS3.16 CID 400 event and FHIR's letter (create, read, update, delete, execute) of each action; the rest are application activity. */
const EVENTS: Readonly<Record<string, readonly [code: string, display: string, action: string]>> = {
  stored: ['110104', 'DICOM Instances Transferred', 'C'],
  imported: ['110107', 'Import', 'C'],
  retrieved: ['110103', 'DICOM Instances Accessed', 'R'],
  exported: ['110106', 'Export', 'R'],
  queried: ['110112', 'Query', 'E'],
  removed: ['110105', 'DICOM Study Deleted', 'D'],
  'signed-in': ['110114', 'User Authentication', 'E'],
  'signed-out': ['110114', 'User Authentication', 'E'],
  refused: ['110113', 'Security Alert', 'E'],
};

const APPLICATION_ACTIVITY = ['110100', 'Application Activity', 'E'] as const;
const OUTCOMES = { success: '0', 'minor failure': '4', 'serious failure': '8' } as const;

/** An event of the log as a FHIR R4 AuditEvent. */
export function toFhirAuditEvent(record: AuditRecord) {
  const [code, display, action] = EVENTS[record.action] ?? APPLICATION_ACTIVITY;
  return {
    resourceType: 'AuditEvent',
    id: String(record.sequence),
    type: { system: DCM, code, display },
    subtype: [{ system: 'urn:vesalius:audit-action', code: record.action }],
    action,
    recorded: record.at,
    outcome: OUTCOMES[record.outcome],
    ...(record.detail !== undefined && { outcomeDesc: record.detail }),
    agent: [
      {
        who: { identifier: { system: 'urn:vesalius:principal', value: record.principal } },
        requestor: true,
        network: { address: record.from },
      },
    ],
    source: { observer: { display: 'Vesalius' } },
    entity: (record.entities ?? []).map(({ kind, id }) => ({
      what: { identifier: { system: `urn:vesalius:${kind}`, value: id } },
      type: { system: 'urn:vesalius:audit-entity', code: kind },
    })),
  } as const;
}
