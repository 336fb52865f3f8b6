import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actOut, BAD_INPUTS, canMount, prepareSoundFolder } from './act-out.ts';

let folder = '';
beforeAll(async () => {
  folder = await prepareSoundFolder();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mountable = canMount();

for (const [name, input] of Object.entries(BAD_INPUTS)) {
  test.skipIf(input.mounts && !mountable).concurrent(`answers ${name} with ${input.code} in one line`, async () => {
    const { wrong, leftovers, line } = await actOut(folder, name, input);
    expect({ wrong, leftovers }, line).toEqual({ wrong: [], leftovers: [] });
  });
}
