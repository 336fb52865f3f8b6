import { VesaliusError } from '@vesalius/errors';
import type { Receipt } from '@vesalius/federated/protocol';
import { CHAIN_BEGIN, exchangeHash } from '../exchange-hash.ts';
import { sha256 } from '../plan.ts';
import type { FederationRow } from '../tables.ts';
import type { SiteParts } from './site-parts.ts';

interface Sent {
  readonly round: number;
  readonly update: Uint8Array;
}

/**
 * Writes what was sent into the site's own chain and its audit log, once for a round.
 *
 * @throws HASH_MISMATCH when the coordinator's chain is another than ours
 */
export async function keepReceipt(
  { tables, audit }: Pick<SiteParts, 'tables' | 'audit'>,
  { id, site }: Pick<FederationRow, 'id' | 'site'>,
  { round, update, receipt }: Sent & { readonly receipt: Receipt | undefined },
): Promise<void> {
  const own = site ?? '';
  const rows = tables.selectFrom('federation_exchange').selectAll().where('federation', '=', id);
  const last = await rows.orderBy('sequence', 'desc').limit(1).executeTakeFirst();
  if (last?.round === round) return;
  const sequence = (last?.sequence ?? 0) + 1;
  const updateHash = sha256(update);
  const bytes = update.length;
  const hash = exchangeHash(
    { federation: id, site: own, sequence, round, updateHash, bytes },
    last?.hash ?? CHAIN_BEGIN,
  );
  if (Buffer.from(receipt?.hash ?? []).toString('hex') !== hash)
    throw new VesaliusError('HASH_MISMATCH', {
      what: 'receipt of the coordinator',
      expected: 'the chain that this site keeps',
    });
  const at = new Date().toISOString();
  const row = { federation: id, site: own, sequence, round, update_hash: updateHash, bytes, hash, at };
  await tables.insertInto('federation_exchange').values(row).execute();
  const entities = [
    { kind: 'federation', id },
    { kind: 'federation exchange', id: hash },
  ];
  const event = { action: 'federation update sent', outcome: 'success', principal: 'vesalius', from: own } as const;
  await audit.record({ ...event, entities, detail: `round ${round}` });
}
