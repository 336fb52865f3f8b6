import { describe, test } from 'vitest';
import { RUNTIME_CONTRACT } from '../testing/runtime-contract.ts';

describe('Node on the processor', () => {
  for (const { name, run } of RUNTIME_CONTRACT) test(name, () => run({ backend: 'cpu', threads: 1 }));
});
