import { resolve } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { KNOWN_WEIGHTS } from '@vesalius/medical';
import {
  importWeights,
  listWeights,
  readStoredWeights,
  type WeightsCard,
  weightsFolder,
} from '../weights/weights-store.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { WEIGHTS_OPTIONS } from './weights.ts';

/** Imports, lists or verifies weights. */
export async function runWeights(
  { positionals: [action = '', file], options }: CommandArguments<typeof WEIGHTS_OPTIONS>,
  { stdout, json, cwd }: CommandContext,
): Promise<void> {
  const folder = options.folder === undefined ? weightsFolder() : resolve(cwd, options.folder);
  const say = (value: object, text: string): unknown => stdout.write(`${json ? JSON.stringify(value) : text}\n`);
  switch (action) {
    case 'import': {
      if (file === undefined)
        throw new VesaliusError('INVALID_ARGUMENT', { what: 'import', got: 'no file', expected: 'FILE' });
      const card = await importWeights(folder, resolve(cwd, file), options);
      return void say(card, textOf(card));
    }
    case 'list': {
      const cards = await listWeights(folder);
      return void say(cards, cards.length === 0 ? `nothing in ${folder}` : cards.map(textOf).join('\n'));
    }
    case 'known':
      return void say(KNOWN_WEIGHTS, KNOWN_WEIGHTS.map(knownText).join('\n'));
    case 'verify': {
      const cards = await listWeights(folder);
      for (const { name } of cards) await readStoredWeights(folder, name);
      return void say({ verified: cards.map(({ name }) => name) }, `${cards.length} verified in ${folder}`);
    }
    default:
      throw new VesaliusError('UNKNOWN_OPTION', {
        what: 'action',
        got: action,
        expected: 'import, list, known or verify',
      });
  }
}

function textOf({ name, what, supervision, licence, source, parameters, leftOut, original }: WeightsCard): string {
  return `${name}: ${what}
  ${parameters.toLocaleString('en')} parameters, taught by ${supervision}
  licence: ${licence}; from: ${source}
  SHA-256 of ${original.file}: ${original.sha256}${leftOut.length > 0 ? `\n  left out: ${leftOut.length} tensors of other parts` : ''}`;
}

function knownText({ name, what, supervision, licence }: (typeof KNOWN_WEIGHTS)[number]): string {
  return `${name.padEnd(26)} ${what}; taught by ${supervision}; ${licence}`;
}
