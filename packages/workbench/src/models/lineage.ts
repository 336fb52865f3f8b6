import type { ModelAnswer } from '@vesalius/api';

/** A model in the tree of what came from what. */
export interface Descent {
  readonly model: ModelAnswer;
  /** 0 for a model of no other. */
  readonly depth: number;
}

/**
 * Models as a tree by rows: each below the one it was adapted from, newest first among equals. A parent is named by id or by name; the
 * newest older model of that name is meant.
 */
export function lineage(models: readonly ModelAnswer[]): Descent[] {
  const newest = models.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  const children = new Map<string | undefined, ModelAnswer[]>();
  for (const model of newest) {
    const parent = parentOf(model, newest)?.id;
    children.set(parent, [...(children.get(parent) ?? []), model]);
  }
  const rows: Descent[] = [];
  const add = (parent: string | undefined, depth: number): void => {
    for (const model of children.get(parent) ?? []) {
      rows.push({ model, depth });
      add(model.id, depth + 1);
    }
  };
  add(undefined, 0);
  return rows;
}

/** The model that one was adapted from, where the registry holds it. Only older ones: no model descends from itself. */
export function parentOf(model: ModelAnswer, models: readonly ModelAnswer[]): ModelAnswer | undefined {
  if (model.parent === undefined) return undefined;
  const older = models.filter(({ createdAt }) => createdAt < model.createdAt);
  const named = older.filter(({ id, name }) => id === model.parent || name === model.parent);
  return named.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
}
