import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type ClientCheck, type RunClient, runProgram, runScript } from './outside-client.ts';
import { type HighdicomFiles, readHighdicom } from './read-highdicom.ts';
import { writeObjects } from './write-objects.ts';

/** Outside programs that read the objects we build; highdicom's own are also read by us. */
export const OBJECT_CLIENTS: Readonly<Record<string, RunClient>> = {
  highdicom: async ({ folder }) => {
    await writeObjects(folder);
    const document = join(folder, 'highdicom.json');
    const theirs = await runScript('objects.py', [folder, document]);
    const { files } = JSON.parse(readFileSync(document, 'utf8')) as HighdicomFiles;
    return [...theirs, ...(await Promise.all(Object.entries(files).map(checkOurReading)))];
  },
  dciodvfy: async ({ folder }) => {
    await writeObjects(folder);
    return [...(await checkDciodvfy(folder)), ...(await checkDcmtkReaders(folder))];
  },
};

async function checkOurReading([name, file]: [string, HighdicomFiles['files'][string]]): Promise<ClientCheck> {
  const [got, expected] = await readHighdicom(file);
  return { name: `we read highdicom's ${name}`, ok: isDeepStrictEqual(got, expected) };
}

/** Debian's dciodvfy, of 2022, knows no label map segmentation: Supplement 243 is of 2024. */
const UNKNOWN_TO_DCIODVFY = 'seg-labelmap.dcm';

/** Our objects in a folder, by the validator of IODs; the images they are over are none of ours. */
export async function checkDciodvfy(folder: string): Promise<ClientCheck[]> {
  const names = readdirSync(folder).filter(
    (name) => name.endsWith('.dcm') && !name.startsWith('ct-') && name !== UNKNOWN_TO_DCIODVFY,
  );
  const checks: ClientCheck[] = [];
  for (const name of names) {
    const { text } = await runProgram('dciodvfy', [join(folder, name)]);
    const errors = text.split('\n').filter((line) => line.startsWith('Error'));
    // Its first line is the IOD it took the file for: without one it judged nothing.
    const judged = /^[A-Z]\w+$/m.test(text);
    const detail = errors[0] ?? 'not judged';
    checks.push({
      name: `dciodvfy: ${name}`,
      ok: judged && errors.length === 0,
      ...(errors[0] || !judged ? { detail } : {}),
    });
  }
  return checks;
}

/** dcmtk's reader of reports and its checker of presentation states. */
export async function checkDcmtkReaders(folder: string): Promise<ClientCheck[]> {
  const report = await runProgram('dsrdump', [join(folder, 'sr-1500.dcm')]);
  const state = await runProgram('dcmpschk', [join(folder, 'gsps.dcm')]);
  return [
    { name: 'dsrdump prints the report', ok: report.status === 0 && report.text.includes('"54.84375"') },
    { name: 'dcmpschk passes the presentation state', ok: state.text.includes('Test passed') },
  ];
}
