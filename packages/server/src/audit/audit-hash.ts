import { createHash } from 'node:crypto';
import type { AuditTables } from './migrations.ts';

type Row = AuditTables['audit_event'];

/** What stands before the first event. */
export const GENESIS = '0'.repeat(64);

/** sha256 over one spelling of an event: a JSON array in a fixed order, the previous hash last. */
export function auditHash(row: Omit<Row, 'hash'>): string {
  const { sequence, at, action, outcome, principal, source, entities, detail, previous } = row;
  const text = JSON.stringify([Number(sequence), at, action, outcome, principal, source, entities, detail, previous]);
  return createHash('sha256').update(text).digest('hex');
}
