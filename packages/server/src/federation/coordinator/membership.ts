import { randomBytes } from 'node:crypto';
import { Code, ConnectError } from '@connectrpc/connect';
import { VesaliusError } from '@vesalius/errors';
import type { Kysely } from 'kysely';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { Authority } from '../certificates/authority.ts';
import { writeInvitation } from '../certificates/invitation.ts';
import { sha256 } from '../plan.ts';
import type { FederationTables, SiteRow } from '../tables.ts';
import type { Peer } from './listen.ts';

interface MembershipOptions {
  readonly tables: Kysely<FederationTables>;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly authority: Authority;
  /** Where sites find the port. */
  readonly url: () => string;
}

export type SiteAction = 'approve' | 'pause' | 'resume' | 'remove';

const HOUR_MS = 3_600_000;
const AFTER = { approve: 'approved', pause: 'paused', resume: 'approved', remove: 'removed' } as const;

/** Which sites a federation has, and who a certificate belongs to. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #known = new Map<string, { readonly federation: string; readonly site: string; round: number }>();

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** @throws INVALID_ARGUMENT for the name of a site that has joined */
  async invite(federation: string, site: string, hours: number): Promise<string> {
    const { tables, authority, url } = this.#options;
    const secret = randomBytes(32);
    const row = {
      state: 'invited' as const,
      invitation_hash: sha256(secret),
      invitation_ends: new Date(Date.now() + hours * HOUR_MS).toISOString(),
    };
    const held = await this.#find(federation, site);
    if (held && held.state !== 'invited' && held.state !== 'removed')
      throw new VesaliusError('INVALID_ARGUMENT', {
        what: 'name of the site',
        got: site,
        expected: 'one that has not joined',
      });
    if (held)
      await tables
        .deleteFrom('federation_site')
        .where('federation', '=', federation)
        .where('site', '=', site)
        .execute();
    await tables
      .insertInto('federation_site')
      .values({ ...EMPTY, federation, site, ...row })
      .execute();
    await this.#record('federation site invited', federation, site);
    return writeInvitation({
      federation,
      site,
      url: url(),
      secret: secret.toString('base64'),
      authority: authority.certificate,
    });
  }

  /** An invitation buys certificates until one of them is used: an answer that was lost can be asked for again. */
  async join(asked: { federation: string; site: string; secret: Uint8Array; request: Uint8Array }, peer: Peer) {
    const { tables, authority } = this.#options;
    const { federation, site } = asked;
    const row = await this.#find(federation, site);
    const fits =
      row?.invitation_hash === sha256(asked.secret) && (row.invitation_ends ?? '') > new Date().toISOString();
    const signed = fits ? await authority.signSite(asked.request, { site, federation }) : undefined;
    if (!signed) {
      await this.refused(peer, 'invitation');
      throw new ConnectError('the invitation is wrong, used or over', Code.PermissionDenied);
    }
    await tables
      .updateTable('federation_site')
      .set({ state: 'joined', fingerprint: signed.fingerprint, certificate_ends: signed.ends })
      .where('federation', '=', federation)
      .where('site', '=', site)
      .execute();
    await this.#record('federation site joined', federation, site, peer.address);
    return { certificate: signed.certificate, authority: authority.certificate, ends: signed.ends };
  }

  /** Whose certificate a connection has. @throws ConnectError for nobody's */
  async identify(peer: Peer): Promise<SiteRow> {
    const { tables } = this.#options;
    const { fingerprint } = peer;
    const row = fingerprint
      ? await tables
          .selectFrom('federation_site')
          .selectAll()
          .where((is) => is.or([is('fingerprint', '=', fingerprint), is('next_fingerprint', '=', fingerprint)]))
          .executeTakeFirst()
      : undefined;
    if (!row || !fingerprint || row.state === 'removed' || row.state === 'invited') {
      await this.refused(peer, row ? `certificate of ${row.site}, ${row.state}` : 'certificate');
      throw new ConnectError('no certificate of a site of this federation', Code.Unauthenticated);
    }
    const renewed = row.next_fingerprint === fingerprint;
    const used = {
      last_seen: new Date().toISOString(),
      // Used, the certificate stands for the site: the invitation is worth nothing now.
      invitation_hash: null,
      ...(renewed && { fingerprint, certificate_ends: row.next_ends, next_fingerprint: null, next_ends: null }),
    };
    await this.set(row, used);
    const round = this.#known.get(fingerprint)?.round ?? 0;
    this.#known.set(fingerprint, { federation: row.federation, site: row.site, round });
    return { ...row, ...used };
  }

  whose(
    fingerprint: string,
  ): { readonly federation: string; readonly site: string; readonly round: number } | undefined {
    return this.#known.get(fingerprint);
  }

  /** What the certificate's connection moves now belongs to this round. */
  works({ fingerprint = '' }: Peer, round: number): void {
    const known = this.#known.get(fingerprint);
    if (known) known.round = round;
  }

  async renew(row: SiteRow, request: Uint8Array): Promise<{ certificate: string; ends: string }> {
    const signed = await this.#options.authority.signSite(request, row);
    if (!signed) throw new ConnectError('no certificate request', Code.InvalidArgument);
    await this.set(row, { next_fingerprint: signed.fingerprint, next_ends: signed.ends });
    await this.#record('federation certificate renewed', row.federation, row.site);
    return { certificate: signed.certificate, ends: signed.ends };
  }

  /** @returns fingerprints whose connections end now */
  async change(federation: string, site: string, action: SiteAction, principal: string): Promise<string[]> {
    const row = await this.#find(federation, site);
    if (!row || row.state === 'invited' || (row.state === 'removed' && action !== 'remove'))
      throw new VesaliusError('INVALID_ARGUMENT', { what: 'site', got: site, expected: 'one that has joined' });
    await this.set(row, { state: AFTER[action] });
    await this.#record(`federation site ${AFTER[action]}`, federation, site, principal);
    return action === 'remove' ? [row.fingerprint, row.next_fingerprint].filter((f) => f !== null) : [];
  }

  async set({ federation, site }: Pick<SiteRow, 'federation' | 'site'>, values: Partial<SiteRow>): Promise<void> {
    const { tables } = this.#options;
    await tables
      .updateTable('federation_site')
      .set(values)
      .where('federation', '=', federation)
      .where('site', '=', site)
      .execute();
  }

  async refused({ address, isImpostor }: Peer, what: string): Promise<void> {
    const detail = isImpostor ? `${what} of another authority` : what;
    const event = { action: 'federation refused', outcome: 'minor failure', principal: 'nobody' } as const;
    await this.#options.audit.record({ ...event, from: address, detail });
  }

  #find(federation: string, site: string): Promise<SiteRow | undefined> {
    return this.#options.tables
      .selectFrom('federation_site')
      .selectAll()
      .where('federation', '=', federation)
      .where('site', '=', site)
      .executeTakeFirst();
  }

  #record(action: string, federation: string, site: string, from = 'vesalius'): Promise<void> {
    const entities = [
      { kind: 'federation', id: federation },
      { kind: 'federation site', id: site },
    ];
    return this.#options.audit.record({ action, outcome: 'success', principal: site, from, entities });
  }
}

const EMPTY = {
  fingerprint: null,
  certificate_ends: null,
  next_fingerprint: null,
  next_ends: null,
  approved_plan: null,
  last_seen: null,
  version: null,
  sheet: null,
} as const satisfies Partial<SiteRow>;
