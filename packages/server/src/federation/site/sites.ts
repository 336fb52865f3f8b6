import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConnectError } from '@connectrpc/connect';
import type { RouteBody } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import { requestCertificate } from '../certificates/authority.ts';
import { readInvitation } from '../certificates/invitation.ts';
import { sha256 } from '../plan.ts';
import { PROTOCOL } from '../protocol-version.ts';
import { dial } from './dial.ts';
import { Site } from './site.ts';
import type { SiteParts, SiteSettings } from './site-parts.ts';

/** The federations whose site this server is, each at work by itself. */
export class Sites {
  readonly #parts: SiteParts;
  readonly #sites = new Map<string, Site>();

  constructor(parts: SiteParts) {
    this.#parts = parts;
  }

  /** Goes on with all that were joined. */
  async begin(): Promise<void> {
    const rows = this.#parts.tables.selectFrom('federation').select('id').where('role', '=', 'site');
    for (const { id } of await rows.execute()) this.#begin(id);
  }

  /** @returns the id of the federation. @throws INVALID_ARGUMENT, PEER_REFUSED */
  async join({ invitation, ...given }: RouteBody<'joinFederation'>): Promise<string> {
    const { tables } = this.#parts;
    const invited = readInvitation(invitation);
    const { federation: id, site, url, authority } = invited;
    const held = await tables.selectFrom('federation').select('id').where('id', '=', id).executeTakeFirst();
    if (held)
      throw new VesaliusError('INVALID_ARGUMENT', {
        what: 'federation',
        got: id,
        expected: 'one that this server has no part in',
      });
    const certificateEnds = await this.#buyCertificate(invited);
    const settings: SiteSettings = { url, authority, certificateEnds, ...given, data: resolve(given.data) };
    const named = { id, name: site, role: 'site' as const, site, created_at: new Date().toISOString() };
    const state = { state: 'waiting' as const, approved_plan: null, round: 0, problem: null };
    const unknown = { plan: '', plan_hash: sha256('') };
    await tables
      .insertInto('federation')
      .values({ ...named, ...state, ...unknown, settings: JSON.stringify(settings) })
      .execute();
    this.#begin(id);
    return id;
  }

  /** Removes key, certificate and model; what was sent and spent stays, for the auditor and the ledger. */
  async leave(id: string): Promise<void> {
    await this.#sites.get(id)?.close();
    this.#sites.delete(id);
    await rm(join(this.#parts.folder, id), { recursive: true, force: true });
    await this.#parts.tables.deleteFrom('federation').where('id', '=', id).execute();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sites.values()].map((site) => site.close()));
  }

  #begin(id: string): void {
    const site = new Site(this.#parts, id);
    this.#sites.set(id, site);
    site.begin();
  }

  /** The key is made here and stays here. @returns when the certificate ends */
  async #buyCertificate({
    federation,
    site,
    url,
    secret,
    authority,
  }: ReturnType<typeof readInvitation>): Promise<string> {
    const { key, request } = await requestCertificate(site);
    const dialled = dial({ url, authority, messageBytes: this.#parts.messageBytes });
    try {
      const asked = { version: PROTOCOL, federation, site, secret: Buffer.from(secret, 'base64') };
      const { certificate, ends } = await dialled.client.join({ ...asked, certificateRequest: request });
      await this.#parts.keepCertificate(federation, { key, certificate });
      return ends;
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      throw new VesaliusError('PEER_REFUSED', { what: 'joining', got: error.rawMessage });
    } finally {
      dialled.close();
    }
  }
}
