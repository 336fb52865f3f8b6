import { hippocampus } from './hippocampus.ts';
import type { SegmentationRecipe } from './recipe.ts';

/** Every recipe, by its name. */
export const RECIPES: Readonly<Record<string, SegmentationRecipe>> = { hippocampus };
