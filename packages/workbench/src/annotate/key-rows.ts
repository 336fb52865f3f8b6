import type { Texts } from '../app/texts/en.ts';
import { TOOL_KEYS, type ToolName } from './tools/tool.ts';

/** What is done to the class in hand at once, in the order of the panel, with its keys. */
export const COMMAND_KEYS = {
  fillBetween: 'f',
  copyBack: '[',
  copyOn: ']',
  smooth: 'm',
  largest: 'k',
  specks: 'd',
} as const;

export type CommandName = keyof typeof COMMAND_KEYS;

/** What is done to how the classes look and which is in hand. */
export const CLASS_KEYS = { nextClass: 'n', hideClass: 'j', lockClass: 'u', through: 'y' } as const;

export type ClassKey = keyof typeof CLASS_KEYS;

export const toolNames = Object.keys(TOOL_KEYS) as ToolName[];
export const commandNames = Object.keys(COMMAND_KEYS) as CommandName[];
export const classKeys = Object.keys(CLASS_KEYS) as ClassKey[];

/** The keys of the panel in the words of the page. */
export function keyRows({ annotate: t }: Texts): (readonly [key: string, words: string])[] {
  return [
    ...toolNames.map((name) => [TOOL_KEYS[name].toUpperCase(), t.tool[name]] as const),
    ...commandNames.map((name) => [COMMAND_KEYS[name].toUpperCase(), t.command[name]] as const),
    ...classKeys.map((name) => [CLASS_KEYS[name].toUpperCase(), t[name]] as const),
    [', .', t.keyRadius],
    ['Ctrl+Z', t.undo],
    ['Ctrl+Y', t.redo],
  ];
}
