import { expect, test } from 'vitest';
import type { AuditRecord } from './audit-log.ts';
import { toFhirAuditEvent } from './to-fhir-audit-event.ts';

const record: AuditRecord = {
  ...{ action: 'removed', outcome: 'minor failure' as const, principal: 'u1', from: '10.0.0.7', sequence: 7 },
  ...{ at: '2026-01-02T03:04:05.000Z', hash: 'b', previous: 'a', entities: [{ kind: 'study', id: '1.2.3' }] },
};

test('tells a removal in the codes of DICOM, with who, from where and what', () => {
  expect(toFhirAuditEvent(record)).toMatchObject({
    id: '7',
    type: { code: '110105' },
    action: 'D',
    outcome: '4',
    recorded: record.at,
    agent: [{ who: { identifier: { value: 'u1' } }, network: { address: '10.0.0.7' } }],
    entity: [{ what: { identifier: { value: '1.2.3' } } }],
  });
});

test('what has no code of its own is application activity', () => {
  expect(toFhirAuditEvent({ ...record, action: 'token-created' }).type.code).toBe('110100');
});
