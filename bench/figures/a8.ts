import { rmSync } from 'node:fs';
import { actOut, BAD_INPUTS, canMount, prepareSoundFolder } from '../../tests/bad-input/act-out.ts';
import type { Measure } from '../figure-result.ts';

/** Every bad input of tests/bad-input on the program itself: code, what, got, expected, file, exit status, and what is left behind. */
export const measure: Measure = async ({ quick, log }) => {
  const folder = await prepareSoundFolder();
  const mountable = canMount();
  const figure = { cases: 0, wrongAnswers: 0, leftovers: 0, skipped: 0 };
  try {
    for (const [name, input] of Object.entries(BAD_INPUTS).filter((_, i) => !quick || i % 4 === 0)) {
      if (input.mounts && !mountable) {
        figure.skipped++;
        log(`skipped ${name}: small disks can be mounted by root only`);
        continue;
      }
      const { wrong, leftovers, line } = await actOut(folder, name, input);
      figure.cases++;
      figure.wrongAnswers += wrong.length > 0 ? 1 : 0;
      figure.leftovers += leftovers.length;
      log(`${wrong.length + leftovers.length === 0 ? 'ok    ' : 'FAILED'} ${name}: ${line}`);
      for (const problem of [...wrong, ...leftovers.map((path) => `leaves ${path}`)]) log(`       ${problem}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { figure, peer: {} };
};
