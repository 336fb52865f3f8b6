import type { Transaction } from 'kysely';
import type { SearchValue } from './search-text.ts';
import type { FhirTables } from './tables.ts';

interface Indexed {
  readonly key: string;
  readonly type: string;
  readonly values: readonly SearchValue[];
}

/** Fewer variables in a statement than every database takes. */
const AT_ONCE = 100;

/** Puts the values a resource is found by in the place of those before. */
export async function writeValues(transaction: Transaction<FhirTables>, { key, type, values }: Indexed): Promise<void> {
  await transaction.deleteFrom('fhir_value').where('key', '=', key).execute();
  const rows = values.map((value) => ({ ...value, key, type }));
  for (let at = 0; at < rows.length; at += AT_ONCE)
    await transaction
      .insertInto('fhir_value')
      .values(rows.slice(at, at + AT_ONCE))
      .execute();
}
