import { canonicalJson } from '@vesalius/bundle';
import { type FileRecord, sha256 } from '@vesalius/bundle/files';
import type { Split, TrainingPlan } from '@vesalius/medical';

/** What decides the bytes of a training's result; its hash ties checkpoints to it. */
export interface RunDescription {
  readonly recipe: string | null;
  readonly plan: TrainingPlan;
  readonly split: Split;
  readonly seed: number;
  readonly threads: number;
  /** `steps 500`, or `seconds 600`, which becomes steps while it runs. */
  readonly budget: string;
  readonly files: readonly FileRecord[];
}

export function hashRun(description: RunDescription): string {
  return sha256(canonicalJson(description));
}
