import { VesaliusError } from '@vesalius/errors';
import { convolutionRules } from './convolution.ts';
import { elementwiseRules } from './elementwise.ts';
import { indexingRules } from './indexing.ts';
import { linearAlgebraRules } from './linear-algebra.ts';
import { normalizationRules } from './normalization.ts';
import type { OpRule } from './op-rule.ts';
import { poolingRules } from './pooling.ts';
import { reductionRules } from './reduction.ts';
import { scanRules } from './scan.ts';
import { schedulingRules } from './scheduling.ts';
import { selectionRules } from './selection.ts';
import { shapingRules } from './shaping.ts';
import { sourceRules } from './source.ts';

/** The table of operations: what is not here cannot be built, differentiated or run. */
export const OP_RULES = {
  ...sourceRules,
  ...elementwiseRules,
  ...selectionRules,
  ...reductionRules,
  ...shapingRules,
  ...linearAlgebraRules,
  ...convolutionRules,
  ...poolingRules,
  ...normalizationRules,
  ...indexingRules,
  ...schedulingRules,
  ...scanRules,
} as const satisfies Record<string, OpRule>;

export function ruleOf(op: string): OpRule {
  const rule = (OP_RULES as Record<string, OpRule>)[op];
  if (!rule) throw new VesaliusError('INVALID_ARGUMENT', { what: 'operation', got: op, expected: 'one of the table' });
  return rule;
}
