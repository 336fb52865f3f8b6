import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttackedServer } from '../attacked-server.ts';
import { type Attempt, eachShut } from '../attempt.ts';
import { PLANTED_ID, PLANTED_NAME } from '../scans.ts';

const AUDIT = 'The audit log';
const LOG = 'The log';

interface Events {
  audit_event: { sequence: number; principal: string; hash: string };
}

/** Changes the log behind the server's back, looks whether that is found, and undoes it. */
async function foundOut(
  target: AttackedServer,
  tamper: (events: ReturnType<typeof eventsOf>) => Promise<unknown>,
): Promise<string | undefined> {
  const { audit } = target.server.services;
  for (let i = 0; i < 3; i++)
    await audit.record({ action: 'queried', outcome: 'success', principal: 'x', from: '127.0.0.1' });
  if (!(await audit.verify()).intact) return 'it was broken before';
  const events = eventsOf(target);
  const rows = await events.selectFrom('audit_event').selectAll().execute();
  const head = join(target.dataFolder, 'audit-head.json');
  const kept = readFileSync(head);
  await tamper(events);
  const { intact } = await audit.verify();
  await events.deleteFrom('audit_event').execute();
  for (const row of rows) await events.insertInto('audit_event').values(row).execute();
  writeFileSync(head, kept);
  return intact ? 'nobody noticed' : undefined;
}

function eventsOf({ server }: AttackedServer) {
  return server.services.database.tables<Events>();
}

export const TRACE_ATTEMPTS: readonly Attempt[] = [
  {
    about: AUDIT,
    name: 'an event is changed',
    tryIt: (target) =>
      foundOut(target, (events) =>
        events.updateTable('audit_event').set({ principal: 'me' }).where('sequence', '=', 2).execute(),
      ),
  },
  {
    about: AUDIT,
    name: 'an event is taken out',
    tryIt: (target) =>
      foundOut(target, (events) => events.deleteFrom('audit_event').where('sequence', '=', 2).execute()),
  },
  {
    about: AUDIT,
    name: 'the newest events are cut off',
    tryIt: (target) =>
      foundOut(target, (events) => events.deleteFrom('audit_event').where('sequence', '>', 3).execute()),
  },
  {
    about: AUDIT,
    name: 'everything is taken out',
    tryIt: (target) => foundOut(target, (events) => events.deleteFrom('audit_event').execute()),
  },
  {
    about: AUDIT,
    name: 'it is written or deleted through the API',
    tryIt: async ({ ask, tokenWith }) => {
      const token = await tokenWith(['audit.read', 'server.manage', 'fhir.read', 'fhir.write']);
      const ways: [string, string][] = [
        ['POST', '/api/audit'],
        ['DELETE', '/api/audit'],
        ['PUT', '/api/audit/1'],
        ['DELETE', '/api/audit/1'],
        ['POST', '/fhir/AuditEvent'],
        ['DELETE', '/fhir/AuditEvent/1'],
      ];
      return eachShut(ways, async ([method, path]) => {
        const { status } = await ask(path, { method, token, json: { resourceType: 'AuditEvent' } });
        return status >= 400 ? undefined : `${method} ${path}: ${status}`;
      });
    },
  },
  {
    about: LOG,
    name: 'names and ids of patients, passwords and tokens after all of the above',
    tryIt: async ({ ask, tokenWith, logged, adminPassword, adminCookie, server }) => {
      const token = await tokenWith(['archive.read']);
      await ask(`/dicom-web/studies?PatientName=${PLANTED_NAME}&PatientID=${PLANTED_ID}`, { token });
      await ask(`/dicom-web/studies/${PLANTED_ID}?PatientName=${PLANTED_NAME}`);
      await ask(`/nowhere/${PLANTED_NAME}`);
      const events = JSON.stringify(await server.services.audit.find({ limit: 1000 }));
      const secrets = [
        PLANTED_NAME.split('^')[0] ?? '',
        PLANTED_ID,
        adminPassword,
        adminCookie.split('=')[1] ?? '',
        token,
      ];
      const text = logged.join('\n');
      const told = secrets.filter((secret) => text.includes(secret) || events.includes(secret));
      return told.length === 0 && logged.length > 0 ? undefined : `${told.length} of ${secrets.length} are told`;
    },
  },
];
