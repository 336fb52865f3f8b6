import type { FederationAnswer } from '@vesalius/api';
import type { LedgerState } from '@vesalius/federated';
import type { Kysely } from 'kysely';
import { CHAIN_BEGIN } from './exchange-hash.ts';
import { pooledAuc } from './pooled-auc.ts';
import type { SiteSettings } from './site/site-parts.ts';
import type { FederationRow, FederationTables, SiteRow, TaskRow } from './tables.ts';

type Answer<Key extends 'sites' | 'rounds'> = FederationAnswer[Key][number];
type Wire = FederationTables['federation_wire'];
type Point = { readonly round: number; readonly value: number };

/** A federation as its page and the command line show it. */
export async function describeFederation(
  tables: Kysely<FederationTables>,
  row: FederationRow,
): Promise<FederationAnswer> {
  const of = <Table extends 'federation_task' | 'federation_wire' | 'federation_site' | 'federation_round'>(
    table: Table,
  ) =>
    tables
      .selectFrom(table as 'federation_task')
      .selectAll()
      .where('federation', '=', row.id)
      .execute() as unknown as Promise<FederationTables[Table][]>;
  const [tasks, wire, sites, rounds] = await Promise.all([
    of('federation_task'),
    of('federation_wire'),
    of('federation_site'),
    of('federation_round'),
  ]);
  const shown = row.role === 'site' ? [ownSite(row)] : sites;
  const { site, problem } = row;
  return {
    ...{ id: row.id, name: row.name, role: row.role, state: row.state, round: row.round, createdAt: row.created_at },
    plan: row.plan === '' ? {} : withoutLayers(row.plan),
    planHash: row.plan_hash,
    planApproved: row.approved_plan === row.plan_hash,
    sites: shown.map((each) => describeSite(each, { row, tasks, wire })).sort((a, b) => (a.site < b.site ? -1 : 1)),
    rounds: rounds.sort((a, b) => a.round - b.round).map((round) => describeRound(round, { tasks, wire })),
    ...(site !== null && { site, ...(await ownEnd(tables, row)) }),
    ...(problem !== null && { problem: JSON.parse(problem) }),
  };
}

function withoutLayers(plan: string): Record<string, unknown> {
  const { layers, ...shown } = JSON.parse(plan) as Record<string, unknown> & { layers: { shape: number[] }[] };
  const values = layers.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
  return { ...shown, values };
}

function ownSite(row: FederationRow): SiteRow {
  const empty = {
    invitation_hash: null,
    invitation_ends: null,
    fingerprint: null,
    next_fingerprint: null,
    next_ends: null,
  };
  const { certificateEnds } = JSON.parse(row.settings) as SiteSettings;
  const known = {
    federation: row.id,
    site: row.site ?? '',
    approved_plan: row.approved_plan,
    certificate_ends: certificateEnds,
  };
  return {
    ...empty,
    ...known,
    state: row.state === 'paused' ? 'paused' : 'joined',
    last_seen: null,
    version: null,
    sheet: null,
  };
}

function describeSite(
  site: SiteRow,
  { row, tasks, wire }: { row: FederationRow; tasks: readonly TaskRow[]; wire: readonly Wire[] },
): Answer<'sites'> {
  const own = tasks.filter((task) => task.site === site.site);
  const done = own.filter(({ kind, state }) => kind === 'train' && state === 'done');
  const bytes = wire.filter((each) => each.site === site.site);
  const curve = (kind: TaskRow['kind'], key: string): Point[] =>
    own
      .filter((task) => task.kind === kind && task.state === 'done' && task.metrics !== null)
      .map(({ round, metrics }) => ({ round, value: Number(JSON.parse(metrics ?? '{}')[key]) }))
      .filter(({ value }) => Number.isFinite(value))
      .sort((a, b) => a.round - b.round);
  const sheet =
    site.sheet === null ? undefined : (JSON.parse(site.sheet) as { examples: number; examplesOfClass: number[] });
  return {
    site: site.site,
    state: site.state,
    planApproved: site.approved_plan === row.plan_hash,
    roundsTaken: done.length,
    ...sumOf(bytes),
    epsilon: Math.max(0, ...done.map(({ epsilon }) => epsilon)),
    auc: curve('evaluate', 'auc'),
    averagePrecision: curve('evaluate', 'averagePrecision'),
    drift: curve('train', 'drift'),
    contribution: curve('train', 'contribution'),
    ...(site.last_seen !== null && { lastSeen: site.last_seen }),
    ...(site.version !== null && { version: site.version }),
    ...(site.certificate_ends !== null && { certificateEnds: site.certificate_ends }),
    ...(sheet && { examples: sheet.examples, examplesOfClass: sheet.examplesOfClass }),
  };
}

function describeRound(
  round: FederationTables['federation_round'],
  { tasks, wire }: { tasks: readonly TaskRow[]; wire: readonly Wire[] },
): Answer<'rounds'> {
  const measured = tasks.filter(
    (task) => task.round === round.round && task.kind === 'evaluate' && task.state === 'done',
  );
  const pooled = pooledAuc(measured.map(({ metrics }) => JSON.parse(metrics ?? '{}')));
  return {
    ...{ round: round.round, state: round.state, openedAt: round.opened_at },
    ...(round.closed_at !== null && { closedAt: round.closed_at }),
    chosen: JSON.parse(round.chosen),
    counted: JSON.parse(round.counted),
    ...sumOf(wire.filter((each) => each.round === round.round)),
    ...(round.model_hash !== null && { modelHash: round.model_hash }),
    ...(pooled && { pooledAuc: pooled.auc, pooledAucInterval: pooled.interval }),
  };
}

function sumOf(wire: readonly Wire[]): { bytesUp: number; bytesDown: number } {
  // PostgreSQL gives large numbers as text.
  const total = (key: 'bytes_up' | 'bytes_down') => wire.reduce((sum, row) => sum + Number(row[key]), 0);
  return { bytesUp: total('bytes_up'), bytesDown: total('bytes_down') };
}

async function ownEnd(tables: Kysely<FederationTables>, { id, settings }: FederationRow) {
  const { project, budget } = JSON.parse(settings) as SiteSettings;
  const last = await tables
    .selectFrom('federation_exchange')
    .select(['sequence', 'hash'])
    .where('federation', '=', id)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  const chain = { entries: last?.sequence ?? 0, hash: last?.hash ?? CHAIN_BEGIN };
  if (!budget) return { chain };
  const spent = await tables.selectFrom('federation_spent').select('epsilon').where('federation', '=', id).execute();
  const ledger = await tables
    .selectFrom('federation_ledger')
    .select('state')
    .where('project', '=', project)
    .executeTakeFirst();
  const held = ledger ? (JSON.parse(ledger.state) as LedgerState).budget : budget;
  return { chain, budget: { ...held, spent: Math.max(0, ...spent.map(({ epsilon }) => epsilon)) } };
}
