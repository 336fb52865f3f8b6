import { randomBytes } from 'node:crypto';
import type { DeidentifyChoices } from '@vesalius/api';
import {
  createProjectKey,
  type DeidentifyPolicy,
  deidentifyFile,
  type ProjectKey,
  readDicom,
  writeDicom,
} from '@vesalius/dicom';
import type { Database } from '../store/database.ts';
import type { Deidentifier } from './deidentifier.ts';
import type { DeidentifyTables } from './migrations.ts';

const SECRET_BYTES = 32;

/** Wants `deidentifyMigrations` to have run. */
export function openDeidentifier(database: Database): Deidentifier {
  const keys = new Map<string, Promise<ProjectKey>>();
  const keyOf = (project: string) => {
    const known = keys.get(project) ?? readKey(database, project);
    keys.set(project, known);
    known.catch(() => keys.delete(project));
    return known;
  };
  return {
    clean: async (bytes, project, choices) => {
      const file = await readDicom(bytes);
      const cleaned = await deidentifyFile(file, policyOf(await keyOf(project), choices));
      return { bytes: await writeDicom(cleaned.file), changes: cleaned.changes, warnings: cleaned.warnings };
    },
  };
}

/** Whoever comes first makes the secret; all others take it. */
async function readKey(database: Database, project: string): Promise<ProjectKey> {
  const tables = database.tables<DeidentifyTables>();
  await tables
    .insertInto('deidentify_key')
    .values({
      project,
      secret: randomBytes(SECRET_BYTES).toString('base64'),
      created_at: new Date().toISOString(),
    })
    .onConflict((conflict) => conflict.column('project').doNothing())
    .execute();
  const { secret } = await tables
    .selectFrom('deidentify_key')
    .select('secret')
    .where('project', '=', project)
    .executeTakeFirstOrThrow();
  return createProjectKey(new Uint8Array(Buffer.from(secret, 'base64')));
}

function policyOf(key: ProjectKey, choices: DeidentifyChoices): DeidentifyPolicy {
  const { keep, clean, dates, safePrivate, blackOut } = choices;
  return {
    key,
    dates,
    retainUids: keep.includes('uids'),
    retainDevice: keep.includes('device'),
    retainInstitution: keep.includes('institution'),
    retainPatientCharacteristics: keep.includes('patient characteristics'),
    cleanDescriptors: clean.includes('descriptions'),
    cleanStructuredContent: clean.includes('reports'),
    cleanGraphics: clean.includes('graphics'),
    safePrivate: safePrivate.map((creator) => ({ creator })),
    blackOut,
  };
}
