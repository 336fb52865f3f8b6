import { VesaliusError } from '@vesalius/errors';
import type { LedgerState } from '@vesalius/federated';
import type { FederationPlan } from '../plan.ts';
import type { SiteParts, SiteSettings } from './site-parts.ts';

interface Spending {
  readonly federation: string;
  readonly round: number;
  readonly plan: FederationPlan;
  readonly settings: SiteSettings;
  readonly examples: number;
}

export interface Spent {
  readonly noiseMultiplier: number;
  /** Of the whole ledger. */
  readonly epsilon: number;
}

/**
 * Puts a round's steps into the project's ledger before they are done, once however often the round is begun.
 *
 * @returns nothing where neither plan nor project speak of privacy
 * @throws PEER_REFUSED beyond the budget, and where only one of the two speaks of it
 */
export async function spendPrivacy(
  { tables, worker }: Pick<SiteParts, 'tables' | 'worker'>,
  { federation, round, plan, settings: { project, budget }, examples }: Spending,
): Promise<Spent | undefined> {
  if (!plan.privacy && !budget) return undefined;
  if (!plan.privacy || !budget)
    throw new VesaliusError('PEER_REFUSED', {
      what: 'privacy',
      got: plan.privacy ? 'no budget of the project' : 'a plan without it',
      expected: 'private training within a budget, or neither',
    });
  const ledgers = tables.selectFrom('federation_ledger').selectAll().where('project', '=', project);
  const ledger = await ledgers.executeTakeFirst();
  const spent = ledger ? (JSON.parse(ledger.state) as LedgerState).spent : [];
  const rounds = tables.selectFrom('federation_spent').selectAll().where('federation', '=', federation);
  const done = await rounds.where('round', '=', round).executeTakeFirst();
  const steps = done ? 0 : plan.localSteps;
  const { state, epsilon, noiseMultiplier } = await worker.call('spend', { plan, examples, budget, spent, steps });
  if (done) return { noiseMultiplier, epsilon: done.epsilon };
  await tables.transaction().execute(async (transaction) => {
    const row = { project, state: JSON.stringify(state) };
    await transaction
      .insertInto('federation_ledger')
      .values(row)
      .onConflict((conflict) => conflict.column('project').doUpdateSet({ state: row.state }))
      .execute();
    await transaction.insertInto('federation_spent').values({ federation, round, epsilon }).execute();
  });
  return { noiseMultiplier, epsilon };
}
