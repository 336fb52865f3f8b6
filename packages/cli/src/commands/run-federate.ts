import { resolve } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { type AttackReport, attack } from '../federation/attack.ts';
import { readImages } from '../federation/read-images.ts';
import { type SimulatedRound, setAside, simulate } from '../federation/simulate.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { FEDERATE_OPTIONS } from './federate.ts';

/** Runs a federation and prints each round. */
export async function runFederate(
  args: CommandArguments<typeof FEDERATE_OPTIONS>,
  context: CommandContext,
): Promise<void> {
  const [action = ''] = args.positionals;
  if (action === 'work')
    return (await import('../federation/work.ts')).work(process.stdin, (line) => context.stdout.write(line));
  if (action === 'simulate') return runSimulation(args, context);
  if (action === 'attack') return runAttack(args, context);
  const { FEDERATION_ACTIONS, runFederationAction } = await import('../federation/federation-actions.ts');
  if (Object.hasOwn(FEDERATION_ACTIONS, action)) return runFederationAction(args, context);
  const known = ['simulate', 'attack', ...Object.keys(FEDERATION_ACTIONS)].join(', ');
  throw new VesaliusError('UNKNOWN_OPTION', { what: 'action', got: action, expected: known });
}

async function runSimulation(
  { positionals: [, data = ''], options }: CommandArguments<typeof FEDERATE_OPTIONS>,
  { stdout, json, cwd, signal }: CommandContext,
): Promise<void> {
  const all = await readImages(resolve(cwd, data));
  const parts =
    options.validation === undefined
      ? setAside(all)
      : { training: all, validation: await readImages(resolve(cwd, options.validation)) };
  if (!json)
    stdout.write(
      `${'round'.padStart(5)} ${'sites'.padStart(5)} ${'up'.padStart(10)} ${'down'.padStart(10)}   AUC    AP\n`,
    );
  for await (const round of simulate(parts, options)) {
    stdout.write(`${json ? JSON.stringify(round) : lineOf(round)}\n`);
    if (signal.aborted) throw new VesaliusError('INTERRUPTED', { what: 'federation', got: `round ${round.round}` });
  }
}

async function runAttack(
  { positionals: [, data = ''], options }: CommandArguments<typeof FEDERATE_OPTIONS>,
  { stdout, json, cwd }: CommandContext,
): Promise<void> {
  const report = await attack(await readImages(resolve(cwd, data)), options);
  stdout.write(json ? `${JSON.stringify(report)}\n` : textOf(report));
}

function lineOf({ round, sites, bytesUp, bytesDown, auc, averagePrecision, epsilon }: SimulatedRound): string {
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
  const figures = `${auc.toFixed(4)} ${averagePrecision.toFixed(4)}`;
  const spent = epsilon === undefined ? '' : `  epsilon ${epsilon.toFixed(2)}`;
  return `${String(round).padStart(5)} ${String(sites).padStart(5)} ${kilobytes(bytesUp)} ${kilobytes(bytesDown)}  ${figures}${spent}`;
}

function textOf({ membershipAuc, membershipAdvantage, inversionCorrelation, epsilon }: AttackReport): string {
  return `training                ${epsilon === undefined ? 'not private' : `private, epsilon ${epsilon}`}
membership, AUC         ${membershipAuc.toFixed(3)} (0.5 tells nothing of who was trained on)
membership, advantage   ${membershipAdvantage.toFixed(3)} (0 tells nothing)
inverted, correlation   ${inversionCorrelation.toFixed(3)} (1 is the image itself)
`;
}
