import { type Camera, STRAIGHT } from './camera.ts';

type CameraChange = (camera: Camera) => Camera;

const listeners = new Set<(change: CameraChange) => void>();

/** What keys and buttons do to the view that is pointed at. */
export const CAMERA_COMMANDS = {
  zoomIn: (camera) => ({ ...camera, zoom: camera.zoom * 1.25 }),
  zoomOut: (camera) => ({ ...camera, zoom: camera.zoom / 1.25 }),
  rotate: (camera) => ({ ...camera, turns: (camera.turns + 1) % 4 }),
  flipX: (camera) => ({ ...camera, flipX: !camera.flipX }),
  flipY: (camera) => ({ ...camera, flipY: !camera.flipY }),
  reset: () => STRAIGHT,
} as const satisfies Record<string, CameraChange>;

export type CameraCommand = keyof typeof CAMERA_COMMANDS;

export function commandCamera(command: CameraCommand): void {
  for (const listener of listeners) listener(CAMERA_COMMANDS[command]);
}

/** @returns how to end it */
export function onCameraCommand(listener: (change: CameraChange) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
