import { useEffect } from 'react';
import { isTyped } from '../app/is-typed.ts';
import type { AnnotationWork } from './annotation-work.ts';
import {
  CLASS_KEYS,
  type ClassKey,
  COMMAND_KEYS,
  type CommandName,
  classKeys,
  commandNames,
  toolNames,
} from './key-rows.ts';
import { TOOL_KEYS, type ToolName } from './tools/tool.ts';

interface KeyActions {
  readonly tool: (name: ToolName) => void;
  readonly command: (name: CommandName) => void;
  readonly look: (name: ClassKey) => void;
  /** The brush grows or shrinks by this share. */
  readonly grow: (by: number) => void;
}

const GROWTH: Readonly<Record<string, number>> = { ',': 0.8, '.': 1.25 };

/** Keys of the page, but where somebody types; the viewer does not get those that are taken here. */
export function useEditingKeys(work: AnnotationWork, actions: KeyActions): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyped(event.target)) return;
      const isTaken = event.ctrlKey || event.metaKey ? pressControl(work, event) : press(actions, event);
      if (isTaken) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}

function pressControl(work: AnnotationWork, { key, shiftKey }: KeyboardEvent): boolean {
  const letter = key.toLowerCase();
  if (letter !== 'z' && letter !== 'y') return false;
  if (letter === 'y' || shiftKey) redo(work);
  else undo(work);
  return true;
}

function press({ tool, command, look, grow }: KeyActions, { key, altKey, shiftKey }: KeyboardEvent): boolean {
  if (altKey || shiftKey) return false;
  const toolName = toolNames.find((name) => TOOL_KEYS[name] === key);
  const commandName = commandNames.find((name) => COMMAND_KEYS[name] === key);
  const classKey = classKeys.find((name) => CLASS_KEYS[name] === key);
  const growth = GROWTH[key];
  if (toolName) tool(toolName);
  else if (commandName) command(commandName);
  else if (classKey) look(classKey);
  else if (growth !== undefined) grow(growth);
  else return false;
  return true;
}

export function undo(work: AnnotationWork): void {
  const bounds = work.history.undo();
  if (bounds) work.changed(bounds);
}

export function redo(work: AnnotationWork): void {
  const bounds = work.history.redo();
  if (bounds) work.changed(bounds);
}
