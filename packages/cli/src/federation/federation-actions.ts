import { ApiRefusal, createClient, type FederationAnswer } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import { folderHolder } from '@vesalius/server';
import type { CommandArguments, CommandContext } from '../commands/command.ts';
import type { FEDERATE_OPTIONS } from '../commands/federate.ts';
import { readServerSettings } from '../commands/read-server-settings.ts';
import { statusText } from './status-text.ts';

type Options = CommandArguments<typeof FEDERATE_OPTIONS>['options'];

interface Action {
  /** Positional arguments after the action. */
  readonly needs: readonly string[];
  run(client: ReturnType<typeof createClient>, given: readonly string[], options: Options): Promise<unknown>;
}

const siteAction = (action: 'approve' | 'pause' | 'resume' | 'remove'): Action['run'] => {
  return (client, [federation = '', site = ''], options) => {
    if (site !== '') return client.call('changeSite', { params: { federation, site }, body: { action } });
    if (action === 'approve') return approvePlan(client, federation, options);
    if (action === 'pause') return client.call('pauseFederation', { params: { federation } });
    if (action === 'resume') return client.call('startFederation', { params: { federation } });
    return client.call('leaveFederation', { params: { federation } });
  };
};

/** What the command line does with federations: each is a call of the server that works on the data folder. */
export const FEDERATION_ACTIONS: Readonly<Record<string, Action>> = {
  init: { needs: ['NAME'], run: (client, [name = ''], options) => init(client, name, options) },
  invite: {
    needs: ['FEDERATION', 'SITE'],
    run: (client, [federation = '', site = '']) =>
      client.call('inviteSite', { params: { federation }, body: { site } }),
  },
  join: { needs: ['INVITATION', 'IMAGES'], run: (client, given, options) => join(client, given, options) },
  start: {
    needs: ['FEDERATION'],
    run: (client, [federation = '']) => client.call('startFederation', { params: { federation } }),
  },
  status: {
    needs: [],
    run: async (client, [federation]) =>
      federation === undefined
        ? client.call('listFederations')
        : [await client.call('getFederation', { params: { federation } })],
  },
  approve: { needs: ['FEDERATION'], run: siteAction('approve') },
  pause: { needs: ['FEDERATION'], run: siteAction('pause') },
  resume: { needs: ['FEDERATION'], run: siteAction('resume') },
  remove: { needs: ['FEDERATION'], run: siteAction('remove') },
};

/** @throws PEER_REFUSED with what the server says, INVALID_ARGUMENT without a server or a token */
export async function runFederationAction(
  { positionals: [name = '', ...given], options }: CommandArguments<typeof FEDERATE_OPTIONS>,
  { stdout, json, cwd }: CommandContext,
): Promise<void> {
  const action = FEDERATION_ACTIONS[name] as Action;
  if (given.length < action.needs.length)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: `arguments of ${name}`,
      got: given.length,
      expected: action.needs.join(' '),
    });
  const { dataFolder } = readServerSettings({ data: options.data, settings: undefined }, cwd);
  const url = folderHolder(dataFolder)?.url;
  const token = process.env['VESALIUS_TOKEN'];
  if (url === undefined || !token)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: url === undefined ? 'server' : 'VESALIUS_TOKEN',
      got: 'nothing',
      expected:
        url === undefined ? `vesalius serve at work on ${dataFolder}` : `an API token of ${url} that may server.manage`,
    });
  const answer = await action.run(createClient({ baseUrl: url, token }), given, options).catch(reported);
  stdout.write(`${json ? JSON.stringify(answer ?? null) : shown(answer)}\n`);
}

function shown(answer: unknown): string {
  if (answer === undefined) return 'done';
  if (typeof answer === 'object' && answer !== null && 'invitation' in answer) return String(answer.invitation);
  return (Array.isArray(answer) ? answer : [answer]).map((each) => statusText(each as FederationAnswer)).join('\n\n');
}

function init(client: ReturnType<typeof createClient>, name: string, options: Options): Promise<FederationAnswer> {
  const { epsilon, delta, 'clip-norm': clipNorm, 'sites-per-round': sitesPerRound, bundle } = options;
  const { strategy } = options;
  if (strategy === 'scaffold')
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'strategy',
      got: strategy,
      expected: 'one that works between servers; this one runs in simulate',
    });
  return client.call('createFederation', {
    body: {
      name,
      imageShape: options.shape.split(',').map(Number),
      rounds: options.rounds,
      localSteps: options['local-steps'],
      batch: options.batch,
      learningRate: options['learning-rate'],
      strategy: strategy as 'fedavg',
      up: options.up,
      down: options.down,
      momentum: options.momentum,
      minimumSites: options['minimum-sites'],
      deadlineSeconds: options.deadline,
      seed: options.seed,
      ...(sitesPerRound !== undefined && { sitesPerRound }),
      ...(bundle !== undefined && { bundle }),
      ...(options['evaluate-every'] !== undefined && { evaluateEvery: options['evaluate-every'] }),
      ...(epsilon !== undefined && { privacy: { epsilon, delta, clipNorm } }),
    },
  });
}

function join(
  client: ReturnType<typeof createClient>,
  [invitation = '', data = '']: readonly string[],
  options: Options,
) {
  const { validation, project, cohort, budget, delta } = options;
  return client.call('joinFederation', {
    body: {
      ...{ invitation, data, project, minimumCohort: cohort },
      ...(validation !== undefined && { validation }),
      ...(budget !== undefined && { budget: { epsilon: budget, delta } }),
    },
  });
}

/** The plan that was read is the plan that is approved. */
async function approvePlan(client: ReturnType<typeof createClient>, federation: string, { plan }: Options) {
  const params = { federation };
  const planHash = plan ?? (await client.call('getFederation', { params })).planHash;
  return client.call('approvePlan', { params, body: { planHash } });
}

function reported(error: unknown): never {
  if (!(error instanceof ApiRefusal)) throw error;
  const { what, expected, title } = error.answer;
  throw new VesaliusError('PEER_REFUSED', { what, got: title, ...(expected !== undefined && { expected }) });
}
