import type { Kysely } from 'kysely';
import { auditHash, GENESIS } from './audit-hash.ts';
import { readAuditHead } from './audit-head.ts';
import type { AuditVerification } from './audit-log.ts';
import type { AuditTables } from './migrations.ts';

const PAGE = 1000;

/** Walks the chain from its first event and compares its end with the file outside the database. */
export async function verifyAudit(tables: Kysely<AuditTables>, dataFolder: string): Promise<AuditVerification> {
  // Read before the walk: events that come meanwhile are behind it.
  const head = await readAuditHead(dataFolder);
  let events = 0;
  let previous = GENESIS;
  let headHash: string | undefined;
  for (;;) {
    const rows = await tables
      .selectFrom('audit_event')
      .selectAll()
      .where('sequence', '>', events)
      .orderBy('sequence')
      .limit(PAGE)
      .execute();
    for (const row of rows) {
      const expected = events + 1;
      const what = problem(row, expected, previous);
      if (what !== undefined) return { intact: false, events, broken: { sequence: expected, what } };
      events = expected;
      previous = row.hash;
      if (events === head?.sequence) headHash = row.hash;
    }
    if (rows.length < PAGE) break;
  }
  if (head !== undefined && headHash !== head.hash)
    return { intact: false, events, broken: lostHead(head.sequence, events) };
  return { intact: true, events };
}

function problem(row: AuditTables['audit_event'], expected: number, previous: string): string | undefined {
  if (Number(row.sequence) !== expected) return 'an event is missing';
  if (row.previous !== previous) return 'it does not follow the event before';
  return auditHash(row) === row.hash ? undefined : 'its content is not what was recorded';
}

function lostHead(sequence: number, events: number): { sequence: number; what: string } {
  return sequence > events
    ? { sequence: events + 1, what: `the end is missing: ${sequence} events were recorded` }
    : { sequence, what: 'the chain was written anew: audit-head.json holds another hash' };
}
