import type { Kysely } from 'kysely';
import type { FederationTables } from '../tables.ts';
import type { Meter } from './listen.ts';
import type { Membership } from './membership.ts';

/** Bytes on the wire by site and round, kept in memory between writes: a program that is killed loses the last half second of them. */
export class WireBytes implements Meter {
  readonly #tables: Kysely<FederationTables>;
  readonly #sites: Pick<Membership, 'whose'>;
  #waiting = new Map<string, Bytes>();

  constructor(tables: Kysely<FederationTables>, sites: Pick<Membership, 'whose'>) {
    this.#tables = tables;
    this.#sites = sites;
  }

  taken(fingerprint: string, { up, down }: { readonly up: number; readonly down: number }): void {
    const owner = this.#sites.whose(fingerprint);
    if (!owner || up + down === 0) return;
    const key = `${owner.federation} ${owner.site} ${owner.round}`;
    const held = this.#waiting.get(key) ?? { ...owner, up: 0, down: 0 };
    this.#waiting.set(key, { ...held, up: held.up + up, down: held.down + down });
  }

  async write(): Promise<void> {
    const counted = [...this.#waiting.values()];
    this.#waiting = new Map();
    for (const bytes of counted) await addWireBytes(this.#tables, bytes);
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
