import type { Kysely } from 'kysely';
import type { FederationTables } from '../tables.ts';
import type { Meter } from './listen.ts';

type Whose = (fingerprint: string) => { readonly federation: string; readonly site: string } | undefined;

/** Bytes on the wire by site and round, kept in memory between writes: a program that is killed loses the last half second of them. */
export class WireBytes implements Meter {
  readonly #tables: Kysely<FederationTables>;
  readonly #whose: Whose;
  #waiting = new Map<string, { federation: string; site: string; up: number; down: number }>();

  constructor(tables: Kysely<FederationTables>, whose: Whose) {
    this.#tables = tables;
    this.#whose = whose;
  }

  taken(fingerprint: string, { up, down }: { readonly up: number; readonly down: number }): void {
    const owner = this.#whose(fingerprint);
    if (!owner || up + down === 0) return;
    const key = `${owner.federation} ${owner.site}`;
    const held = this.#waiting.get(key) ?? { ...owner, up: 0, down: 0 };
    this.#waiting.set(key, { ...held, up: held.up + up, down: held.down + down });
  }

  /** What was counted belongs to the round that is open now. */
  async write(): Promise<void> {
    const counted = [...this.#waiting.values()];
    this.#waiting = new Map();
    for (const bytes of counted) {
      const row = await this.#tables
        .selectFrom('federation')
        .select(['round', 'state'])
        .where('id', '=', bytes.federation)
        .executeTakeFirst();
      if (row) await addWireBytes(this.#tables, { ...bytes, round: row.round + (row.state === 'finished' ? 0 : 1) });
    }
  }
}

interface Bytes {
  readonly federation: string;
  readonly site: string;
  readonly round: number;
  readonly up: number;
  readonly down: number;
}

export async function addWireBytes(tables: Kysely<FederationTables>, bytes: Bytes): Promise<void> {
  const { up, down, ...key } = bytes;
  await tables
    .insertInto('federation_wire')
    .values({ ...key, bytes_up: up, bytes_down: down })
    .onConflict((conflict) =>
      conflict.columns(['federation', 'site', 'round']).doUpdateSet((is) => ({
        bytes_up: is('federation_wire.bytes_up', '+', up),
        bytes_down: is('federation_wire.bytes_down', '+', down),
      })),
    )
    .execute();
}
