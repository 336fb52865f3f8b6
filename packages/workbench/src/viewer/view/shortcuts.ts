import { useEffect } from 'react';
import { isTyped } from '../../app/is-typed.ts';
import { windowPresets } from '../slices/window.ts';
import { type CameraCommand, commandCamera } from './view-commands.ts';
import type { PointerTool, ViewModel } from './view-model.ts';

export const TOOL_KEYS: Readonly<Record<PointerTool, string>> = {
  window: 'w',
  pan: 'p',
  zoom: 'z',
  crosshairs: 'c',
  length: 'l',
  angle: 'a',
  ellipse: 'e',
  probe: 'o',
};

export const CAMERA_KEYS: Readonly<Record<CameraCommand, string>> = {
  zoomIn: '+',
  zoomOut: '-',
  rotate: 'r',
  flipX: 'h',
  flipY: 'v',
  reset: 'Escape',
};

const STEPS: Readonly<Record<string, number>> = {
  ArrowUp: -1,
  ArrowDown: 1,
  PageUp: -10,
  PageDown: 10,
  Home: -1e9,
  End: 1e9,
};

/** The viewer's keys, wherever on the page no text is typed and no tool has taken the key. */
export function useShortcuts(model: ViewModel): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target } = event;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyped(target)) return;
      if (press(model, event.key, target)) event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [model]);
}

function press(model: ViewModel, key: string, target: EventTarget | null): boolean {
  const step = STEPS[key];
  // A slider and the list of series have arrows of their own.
  if (step !== undefined) {
    if (target instanceof HTMLElement && target.closest('input, nav')) return false;
    model.step(model.state.active.axis, step);
    return true;
  }
  if (key === 'ArrowLeft' || key === 'ArrowRight') return stepTime(model, key === 'ArrowLeft' ? -1 : 1, target);
  if (model.state.taken) return false;
  const preset = windowPresets(model.series.modality).find((one) => one.key === key);
  const tool = (Object.keys(TOOL_KEYS) as PointerTool[]).find((one) => TOOL_KEYS[one] === key);
  const command = (Object.keys(CAMERA_KEYS) as CameraCommand[]).find((one) => CAMERA_KEYS[one] === key);
  if (preset) model.applyPreset(preset);
  else if (tool) chooseTool(model, tool);
  else if (command) commandCamera(command);
  else if (key === 'i') model.update({ invert: !model.state.invert });
  else if (key === ' ' && !(target instanceof HTMLElement && target.closest('button, input')))
    model.update({ playing: !model.state.playing });
  else return false;
  return true;
}

function stepTime(model: ViewModel, by: number, target: EventTarget | null): boolean {
  const { timePoints } = model.series;
  if (timePoints < 2 || (target instanceof HTMLElement && target.closest('input, nav'))) return false;
  model.update({ time: (model.state.time + by + timePoints) % timePoints });
  return true;
}

export function chooseTool(model: ViewModel, tool: PointerTool): void {
  model.update({ tool, taken: undefined, ...(tool === 'crosshairs' && { crosshairs: true }) });
}
