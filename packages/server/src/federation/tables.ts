/** Rows of both roles: a coordinator keeps all sites, a site only itself. Times are ISO, truths are 0 and 1. */
export interface FederationTables {
  federation: {
    id: string;
    role: 'coordinator' | 'site';
    name: string;
    /** The own name, at a site. */
    site: string | null;
    state: 'waiting' | 'running' | 'paused' | 'finished';
    /** JSON in the one spelling that is hashed. */
    plan: string;
    plan_hash: string;
    /** At a site: the hash it approved. */
    approved_plan: string | null;
    /** Rounds that ended. */
    round: number;
    created_at: string;
    /** JSON: at a site where its data are and what it grants. */
    settings: string;
    /** JSON: what went wrong last. */
    problem: string | null;
  };
  federation_site: {
    federation: string;
    site: string;
    state: 'invited' | 'joined' | 'approved' | 'paused' | 'removed';
    invitation_hash: string | null;
    invitation_ends: string | null;
    fingerprint: string | null;
    certificate_ends: string | null;
    /** Of a certificate that was renewed and not used yet: until then the old one holds. */
    next_fingerprint: string | null;
    next_ends: string | null;
    approved_plan: string | null;
    last_seen: string | null;
    version: string | null;
    /** JSON: its data sheet. */
    sheet: string | null;
  };
  federation_round: {
    federation: string;
    round: number;
    state: 'open' | 'closed';
    opened_at: string;
    closed_at: string | null;
    deadline_at: string;
    /** JSON: names of sites. */
    chosen: string;
    counted: string;
    model_hash: string | null;
  };
  federation_task: {
    federation: string;
    round: number;
    kind: 'train' | 'evaluate';
    site: string;
    token: string;
    state: 'open' | 'done' | 'declined' | 'late';
    update_hash: string | null;
    bytes: number;
    examples: number;
    epsilon: number;
    /** JSON: what was measured. */
    metrics: string | null;
  };
  federation_exchange: {
    federation: string;
    site: string;
    sequence: number;
    round: number;
    update_hash: string;
    bytes: number;
    hash: string;
    at: string;
  };
  federation_wire: { federation: string; site: string; round: number; bytes_up: number; bytes_down: number };
  /** At a site: what a project has spent on all federations. */
  federation_ledger: { project: string; state: string };
  /** At a site: rounds whose steps stand in the ledger. */
  federation_spent: { federation: string; round: number; epsilon: number };
}

export type FederationRow = FederationTables['federation'];
export type SiteRow = FederationTables['federation_site'];
export type RoundRow = FederationTables['federation_round'];
export type TaskRow = FederationTables['federation_task'];
