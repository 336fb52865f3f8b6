import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  type ApiClient,
  createClient,
  type FederationAnswer,
  type FederationRequest,
  PERMISSIONS,
} from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import { readInvitation, writeInvitation } from '../../packages/server/src/federation/certificates/invitation.ts';
import { firstDay } from '../server/signed-in.ts';
import { type StartedServer, startedServerWith } from '../server/started-server.ts';

/** One `vesalius serve` in a process of its own, which can be killed and started again. */
export class House {
  readonly folder: string;
  /** Options of `serve`. */
  readonly line: string[];
  /** Of its process, beside this one's own. */
  readonly env: Readonly<Record<string, string>>;
  #token = '';
  server!: StartedServer & { readonly federationUrl?: string };
  client!: ApiClient;

  private constructor(folder: string, line: readonly string[], env: House['env']) {
    this.folder = folder;
    this.line = [...line];
    this.env = env;
  }

  static open(folder: string, ...line: readonly string[]): Promise<House> {
    return House.openWith({}, folder, ...line);
  }

  static async openWith(env: House['env'], folder: string, ...line: readonly string[]): Promise<House> {
    mkdirSync(folder, { recursive: true });
    const house = new House(folder, line, env);
    await house.start();
    house.#token = (await firstDay({ ...house.server, permissions: PERMISSIONS })).token;
    house.client = createClient({ baseUrl: house.server.url, token: house.#token });
    return house;
  }

  get dataFolder(): string {
    return join(this.folder, 'data');
  }

  get token(): string {
    return this.#token;
  }

  async start(): Promise<void> {
    this.server = await startedServerWith(this.env, this.folder, '--no-samples', '--log', 'warn', ...this.line);
    this.client = createClient({ baseUrl: this.server.url, token: this.#token });
  }

  async killAndStart(): Promise<void> {
    await this.server.kill();
    await this.start();
  }
}

export async function federationOf(house: House, federation: string): Promise<FederationAnswer> {
  return house.client.call('getFederation', { params: { federation } });
}

/** Asks until a federation is as it should be. @throws PEER_TIMEOUT */
export async function reached(
  house: House,
  federation: string,
  isThere: (found: FederationAnswer) => boolean,
  seconds = 90,
): Promise<FederationAnswer> {
  const until = performance.now() + seconds * 1000;
  let found: FederationAnswer | undefined;
  while (performance.now() < until) {
    found = await federationOf(house, federation).catch(() => undefined);
    if (found && isThere(found)) return found;
    await setTimeout(100);
  }
  throw new VesaliusError('PEER_TIMEOUT', { what: 'federation', got: JSON.stringify(found, null, 1) });
}

interface LetIn {
  readonly federation: string;
  readonly name: string;
  readonly data: string;
  readonly validation?: string;
  readonly budget?: number;
  readonly delta?: number;
  readonly project?: string;
  readonly cohort?: number;
  /** Whether the site approves the plan; it does by default. */
  readonly reads?: boolean;
  /** By which the site goes to its coordinator, instead of what the invitation says. */
  readonly url?: string;
}

/** Invites, joins, approves at both ends. */
export async function letIn(
  coordinator: House,
  site: House,
  {
    federation,
    name,
    data,
    validation,
    budget,
    delta = 1e-3,
    project = 'default',
    cohort = 5,
    reads = true,
    url,
  }: LetIn,
): Promise<void> {
  const params = { federation };
  const { invitation: given } = await coordinator.client.call('inviteSite', { params, body: { site: name } });
  const invitation = url === undefined ? given : writeInvitation({ ...readInvitation(given), url });
  const more = {
    ...(validation !== undefined && { validation }),
    ...(budget !== undefined && { budget: { epsilon: budget, delta } }),
  };
  await site.client.call('joinFederation', { body: { invitation, data, project, minimumCohort: cohort, ...more } });
  const { planHash } = await reached(site, federation, ({ plan }) => Object.keys(plan).length > 0);
  if (reads) await site.client.call('approvePlan', { params, body: { planHash } });
  await coordinator.client.call('changeSite', { params: { federation, site: name }, body: { action: 'approve' } });
}

/** A federation small enough for tests. */
export function create(coordinator: House, request: Partial<FederationRequest> = {}): Promise<FederationAnswer> {
  const small = { name: 'nodules', imageShape: [1, 10, 10], rounds: 3, localSteps: 6, batch: 8, minimumSites: 2 };
  return coordinator.client.call('createFederation', { body: { ...small, deadlineSeconds: 60, ...request } });
}
