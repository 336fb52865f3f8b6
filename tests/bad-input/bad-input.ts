import type { ErrorCode } from '@vesalius/errors';

/** Where one case is acted out: `data`, `bundle`, `plan.json`, and `b.run` of an interrupted training lie ready. */
export interface Place {
  readonly folder: string;
  /** Path inside the folder. */
  at(path: string): string;
  /** Called when the case is over. */
  onEnd(undo: () => void): void;
}

/** One thing a person can get wrong, and the answer to it. */
export interface BadInput {
  readonly code: ErrorCode;
  /** What the line says besides its code: what, got, expected. */
  readonly says: RegExp;
  /** The file the line ends with, relative to the case's folder; absent where no file is concerned. */
  readonly file?: string;
  /** Breaks what lies ready. */
  readonly arrange?: (place: Place) => Promise<unknown>;
  /** The command line, words parted by blanks. */
  readonly line: string;
  /** Paths that may be new afterwards: whole files that tell what was done. */
  readonly mayLeave?: RegExp;
  /** Needs to mount a small disk. */
  readonly mounts?: boolean;
}

/** Trains three steps, in a run folder of its own. */
export const TRAIN = 'train data --plan plan.json --steps 3 --seed 1 --out new.bundle';
/** What a training that fails on its way leaves: its log, its events and its last whole checkpoint. */
export const RUN_FOLDER =
  /^new\.bundle\.run(\/(log\.jsonl|events\.[^/]+|checkpoints(\/latest\.safetensors)?|pictures(\/\d+(\/[^/]+\.png)?)?))?$/;
