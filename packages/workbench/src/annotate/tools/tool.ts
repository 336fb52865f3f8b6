import type { Triple } from '@vesalius/volume';
import type { ToolMark, ViewTool } from '../../viewer/viewport-contract.ts';
import type { AnnotationWork } from '../annotation-work.ts';

/** In the order of the toolbar, with their keys. */
export const TOOL_KEYS = {
  brush: 'b',
  eraser: 'e',
  threshold: 't',
  region: 'g',
  scissors: 'x',
  box: 'q',
  click: 'c',
  scribble: 's',
} as const;

export type ToolName = keyof typeof TOOL_KEYS;

export interface ToolChoice {
  readonly name: ToolName;
  /** Of the class in hand. */
  readonly value: number;
  readonly color: string;
  readonly radiusMm: number;
  /** A ball, or a region through slices, instead of one slice. */
  readonly through: boolean;
  /** How far values may lie from that under the pointer. */
  readonly tolerance: number;
  /** A box asks the model instead of filling itself. */
  readonly boxAsks: boolean;
}

/** A place that a model is told; background has value 0. */
export interface Click {
  readonly voxel: Triple;
  readonly value: number;
}

export interface ToolContext {
  readonly work: AnnotationWork;
  readonly choice: ToolChoice;
  /** Asks a model. */
  readonly ask: (clicks: readonly Click[]) => void;
  /** Beside the marks that stand already. */
  readonly mark: (marks: readonly ToolMark[]) => void;
}

export type OnPointer = ViewTool['onPointer'];
