import type { FederationAnswer, FederationExchange, FederationRequest, RouteBody } from '@vesalius/api';
import type { SiteAction } from './coordinator/membership.ts';

/** Federations that this server coordinates, and those whose site it is. */
export interface Federations {
  list(): Promise<FederationAnswer[]>;
  /** @returns nothing where there is no such federation */
  get(id: string): Promise<FederationAnswer | undefined>;
  /** @throws INVALID_ARGUMENT where this server listens for no sites */
  create(request: FederationRequest, principal: string): Promise<FederationAnswer>;
  invite(id: string, site: string, hours: number): Promise<string>;
  join(request: RouteBody<'joinFederation'>, principal: string): Promise<FederationAnswer>;
  approve(id: string, planHash: string, principal: string): Promise<void>;
  start(id: string, principal: string): Promise<void>;
  pause(id: string, principal: string): Promise<void>;
  changeSite(
    id: string,
    site: string,
    change: { readonly action: SiteAction; readonly principal: string },
  ): Promise<void>;
  leave(id: string, principal: string): Promise<void>;
  exchanges(id: string): Promise<FederationExchange[]>;
  /** Where sites find this coordinator. */
  readonly url: string | undefined;
  close(): Promise<void>;
}
