import type { MessageInitShape } from '@bufbuild/protobuf';
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from '@connectrpc/connect';
import { VesaliusError } from '@vesalius/errors';
import { type DataSheet, FederationService, State, TaskKind, type TaskSchema } from '@vesalius/federated/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Kysely } from 'kysely';
import type { AuditLog } from '../../audit/audit-log.ts';
import { demandVersion, PROTOCOL } from '../protocol-version.ts';
import type { FederationTables, SiteRow } from '../tables.ts';
import { PEER } from './listen.ts';
import type { Membership } from './membership.ts';
import type { GivenTask, Rounds } from './rounds.ts';

interface ServiceParts {
  readonly tables: Kysely<FederationTables>;
  readonly membership: Membership;
  readonly rounds: Rounds;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly log: FastifyBaseLogger;
}

const LONGEST_WAIT_MS = 20_000;
const STATES = {
  waiting: State.WAITING,
  running: State.RUNNING,
  paused: State.PAUSED,
  finished: State.FINISHED,
} as const;

/** The messages of the protocol, each checked against the certificate of who sends it. */
export function federationService(parts: ServiceParts): (router: ConnectRouter) => void {
  const { tables, membership, rounds } = parts;
  const whose = (context: HandlerContext) => membership.identify(context.values.get(PEER));
  const row = (id: string) =>
    tables.selectFrom('federation').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  return (router) =>
    router.service(FederationService, {
      join: guarded(parts, async ({ version, federation, site, secret, certificateRequest }, context) => {
        demandVersion(version);
        return membership.join({ federation, site, secret, request: certificateRequest }, context.values.get(PEER));
      }),
      renew: guarded(parts, async ({ certificateRequest }, context) =>
        membership.renew(await whose(context), certificateRequest),
      ),
      announce: guarded(parts, async ({ version, dataSheet, approvedPlan }, context) => {
        const site = await whose(context);
        const federation = await row(site.federation);
        await membership.set(site, {
          version: demandVersion(version),
          approved_plan: approvedPlan || null,
          sheet: dataSheet ? sheetText(dataSheet) : null,
        });
        return { version: PROTOCOL, plan: federation.plan, state: STATES[federation.state] };
      }),
      nextTask: guarded(parts, async (request, context) => {
        const site = await whose(context);
        demandVersion(request.version);
        const federation = await row(site.federation);
        if (site.state !== 'approved' || request.approvedPlan !== federation.plan_hash)
          return { state: site.state === 'paused' ? State.PAUSED : State.WAITING };
        const given = await rounds.next(site, {
          version: request.modelVersion,
          changes: request.acceptsChanges,
          waitMs: Math.min(LONGEST_WAIT_MS, request.waitMilliseconds),
          signal: context.signal,
        });
        if (given) membership.works(context.values.get(PEER), given.task.round);
        const { state } = await row(site.federation);
        return { state: STATES[state], ...(given && { task: taskOf(given) }) };
      }),
      submitUpdate: guarded(parts, async (sent, context) => {
        const site = await approved(await whose(context));
        membership.works(context.values.get(PEER), sent.round);
        const { duplicate, sequence, hash } = await rounds.submit(site, sent);
        if (!duplicate) await recordUpdate(parts, site, { round: sent.round, hash });
        return { duplicate, receipt: { sequence, hash: Buffer.from(hash, 'hex') } };
      }),
      submitEvaluation: guarded(parts, async (sent, context) => {
        const { round, token, auc, averagePrecision, negatives, positives } = sent;
        const site = await approved(await whose(context));
        const metrics = { auc, averagePrecision, negatives, positives };
        return { duplicate: await rounds.evaluated(site, { round, token, metrics }) };
      }),
      decline: guarded(parts, async ({ round, token, code }, context) => {
        await rounds.decline(await whose(context), { round, token, code: code.slice(0, 40) });
        return {};
      }),
    });
}

/** What goes wrong inside is logged here and told to nobody; what is refused stands in the audit log. */
function guarded<Request, Answer>(
  { log, audit }: ServiceParts,
  work: (request: Request, context: HandlerContext) => Promise<Answer>,
): (request: Request, context: HandlerContext) => Promise<Answer> {
  return async (request, context) => {
    try {
      return await work(request, context);
    } catch (error) {
      const { address } = context.values.get(PEER);
      if (error instanceof ConnectError) {
        // Nobody's certificate is recorded where it is found out.
        if (error.code !== Code.Unauthenticated)
          await audit.record({
            ...{ action: 'federation refused', outcome: 'minor failure', principal: 'site', from: address },
            detail: `${context.method.name}: ${error.rawMessage}`,
          });
        throw error;
      }
      log.error(
        { method: context.method.name, code: error instanceof VesaliusError ? error.code : 'FAILED' },
        String(error),
      );
      throw new ConnectError('the coordinator failed', Code.Internal);
    }
  };
}

function approved(site: SiteRow): SiteRow {
  if (site.state === 'approved') return site;
  throw new ConnectError('the site is not let in, or is paused', Code.PermissionDenied);
}

function taskOf({
  task,
  version,
  hash,
  model,
  changes,
  millisecondsLeft,
}: GivenTask): MessageInitShape<typeof TaskSchema> {
  return {
    kind: task.kind === 'train' ? TaskKind.TRAIN : TaskKind.EVALUATE,
    round: task.round,
    token: Buffer.from(task.token, 'hex'),
    modelVersion: version,
    modelHash: Buffer.from(hash, 'hex'),
    millisecondsLeft: Math.min(millisecondsLeft, 0xffffffff),
    ...(model && { model: model as Uint8Array<ArrayBuffer> }),
    ...(changes && { changes: changes as Uint8Array<ArrayBuffer>[] }),
  };
}

function sheetText({ examples, validationExamples, examplesOfClass, imageShape, privacyUnit }: DataSheet): string {
  return JSON.stringify({ examples, validationExamples, examplesOfClass, imageShape, privacyUnit });
}

async function recordUpdate(
  { audit }: ServiceParts,
  { federation, site }: Pick<SiteRow, 'federation' | 'site'>,
  { round, hash }: { round: number; hash: string },
): Promise<void> {
  const entities = [
    { kind: 'federation', id: federation },
    { kind: 'federation exchange', id: hash },
  ];
  const event = { action: 'federation update counted', outcome: 'success', principal: site, from: site } as const;
  await audit.record({ ...event, entities, detail: `round ${round}` });
}
