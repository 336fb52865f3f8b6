import { join } from 'node:path';
import { type AnnotationAnswer, PERMISSIONS, type TrainingAnswer } from '@vesalius/api';
import { readDicom, readSegmentation } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import type { Browser, Page } from 'playwright-core';
import { newAnnotator, readDraft } from '../server/annotators.ts';
import { type Person, personWith } from '../server/signed-in.ts';
import { type StartedServer, startedServer } from '../server/started-server.ts';
import { OPENS_AT, type Phantom, writePhantoms } from './phantoms.ts';
import * as go from './traveller.ts';

export interface JourneyOptions {
  /** For what the server stores, and the scans. */
  readonly folder: string;
  readonly browser: Browser;
  /** Studies that are labelled; two more are not. */
  readonly labelled: number;
  /** Of each of the two trainings. */
  readonly trainingSteps: number;
  /** Where a picture of each step goes; none without. */
  readonly pictures?: string;
  readonly log?: (line: string) => void;
}

export interface JourneyStep {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly detail?: string;
}

export interface JourneyResult {
  readonly steps: readonly JourneyStep[];
  /** Errors in consoles of pages, refused requests and policies. */
  readonly problems: readonly string[];
  /** Of the new model's proposal on an unseen study, and after the correction. */
  readonly proposalDice: number;
  readonly correctedDice: number;
}

interface Journey extends JourneyOptions {
  readonly server: StartedServer;
  readonly page: Page;
  readonly problems: string[];
  readonly phantoms: readonly Phantom[];
  person: Person;
  proposalDice: number;
  correctedDice: number;
}

/**
 * What a person does from the first sign-in to the report of a study that a new model saw first: all by what stands on the page; only further
 * label maps and further people come by the programs' interface.
 */
export async function travel(options: JourneyOptions): Promise<JourneyResult> {
  const { folder, browser, labelled, pictures, log } = options;
  const phantoms = await writePhantoms(join(folder, 'scans'), labelled + 2);
  const server = await startedServer(folder, '--no-samples', '--log', 'error');
  const problems: string[] = [];
  const { context, page } = await go.newPage(browser, problems);
  const journey: Journey = {
    ...{ ...options, server, page, problems, phantoms, person: personWith(server.url, '') },
    ...{ proposalDice: Number.NaN, correctedDice: Number.NaN },
  };
  const steps: JourneyStep[] = [];
  for (const [name, step] of STEPS) {
    const start = performance.now();
    let detail: string | undefined;
    try {
      await step(journey);
    } catch (error) {
      detail = String(error).slice(0, 800);
    }
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    steps.push({ name, ok: detail === undefined, seconds, ...(detail !== undefined && { detail }) });
    log?.(`${detail === undefined ? 'ok    ' : 'FAILED'} ${name} (${seconds} s) ${detail ?? ''}`);
    if (pictures) await page.screenshot({ path: go.pictureAt(pictures, steps.length, name) });
    // What comes later stands on what came before.
    if (detail !== undefined) break;
  }
  for (const [name] of STEPS.slice(steps.length)) steps.push({ name, ok: false, seconds: 0, detail: 'not reached' });
  await context.close();
  await server.stop();
  return { steps, problems, proposalDice: journey.proposalDice, correctedDice: journey.correctedDice };
}

const STEPS: readonly (readonly [name: string, step: (journey: Journey) => Promise<void>])[] = [
  ['signs in for the first time and chooses a password', signIn],
  ['imports a folder of DICOM files', importFolder],
  ['opens a study', ({ page, phantoms }) => go.openStudy(page, at(phantoms, 0))],
  ['sets the window by a preset and with the mouse', setWindow],
  ['names a class, gives it a meaning, draws it with the brush', drawWithBrush],
  ['hands it in: a SEG is in the archive', handIn],
  ['sees further label maps come in', moreLabels],
  [
    'starts a training that learns to take clicks',
    ({ page, trainingSteps }) => startTraining(page, 'first-clicks', trainingSteps, true),
  ],
  ['watches its curves until it ends', watchTraining],
  ['annotates the next study with clicks', annotateWithClicks],
  [
    'starts a training on all that is labelled',
    ({ page, trainingSteps }) => startTraining(page, 'lesion', 2 * trainingSteps, false),
  ],
  ['watches it end and looks at the model', lookAtModel],
  ['runs the new model on an unseen study', propose],
  ['corrects the proposal and hands it in', correct],
  ['another person signs it off', signOff],
  ['finds SEG and report in the archive', findReport],
];

async function signIn({ page, server }: Journey): Promise<void> {
  const { name = '', oneTimePassword = '' } = server.firstAdmin ?? {};
  await go.signInFirst(page, server, name, oneTimePassword);
  await page.getByText('No studies yet.').waitFor();
}

async function importFolder(journey: Journey): Promise<void> {
  const { page, folder, phantoms } = journey;
  await page.getByLabel('Folder …').setInputFiles(join(folder, 'scans'));
  await page.getByText(/^\d+ stored, 0 refused$/).waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  for (const { patient } of phantoms)
    await page.getByText(patient.split('^').join(' ')).or(page.getByText(patient)).first().waitFor();
  journey.person = await personOf(journey);
}

/** What a program of this person may use from now on. */
async function personOf({ page, server }: Journey): Promise<Person> {
  const wanted = JSON.stringify({ name: 'program', permissions: PERMISSIONS, days: 1 });
  const made = await page.evaluate(
    async (body) =>
      (await fetch('/api/tokens', { method: 'POST', body, headers: { 'content-type': 'application/json' } })).json(),
    wanted,
  );
  return personWith(server.url, (made as { token: string }).token);
}

async function setWindow({ page }: Journey): Promise<void> {
  await page.getByRole('combobox', { name: 'Window' }).selectOption({ label: 'Soft tissue (1)' });
  await page.getByText('C 40 W 400').first().waitFor();
  await go.drag(page, [0, 0], [0.1, 0.05]);
  await page.getByText('C 40 W 400').first().waitFor({ state: 'detached' });
  await page.keyboard.press('1');
  await page.getByText('C 40 W 400').first().waitFor();
}

async function drawWithBrush(journey: Journey): Promise<void> {
  const { page } = journey;
  await go.openAnnotate(page);
  await page.getByLabel('Name of Structure').fill('Lesion');
  await page.getByLabel('Name of Structure').blur();
  await page.getByPlaceholder('Search for a meaning').fill('lesion');
  await page.getByRole('button', { name: /^Lesion SCT/ }).click();
  await page.getByText(/Means: Lesion/).waitFor();
  await page.getByRole('button', { name: 'Brush' }).click();
  for (const key of ['ArrowUp', 'ArrowDown', 'ArrowDown']) {
    await page.getByRole('application', { name: /^Axial/ }).focus();
    await page.keyboard.press(key);
    for (const y of [-0.12, -0.08, -0.04]) await go.drag(page, [-0.06, y], [0.06, y]);
  }
  await go.saved(page);
  const [draft] = (await journey.person.json('/api/annotations')) as AnnotationAnswer[];
  demand((draft?.voxels['1'] ?? 0) > 100, `few voxels were drawn: ${JSON.stringify(draft?.voxels)}`);
}

async function handIn({ page, person }: Journey): Promise<void> {
  await page.getByRole('button', { name: 'Hand in' }).click();
  await page.getByText('Handed in: it waits for its review.').waitFor();
  const [handedIn] = (await person.json('/api/annotations')) as AnnotationAnswer[];
  const read = await segOf(person, handedIn);
  demand(
    read.segments.some(({ label }) => label === 'Lesion'),
    'the SEG does not name the class',
  );
}

async function moreLabels({ page, person, server, phantoms, labelled }: Journey): Promise<void> {
  const [first] = (await person.json('/api/annotations')) as AnnotationAnswer[];
  if (!first) throw new VesaliusError('RUNTIME_FAILED', { what: 'the first label map', got: 'none' });
  const ben = await newAnnotator(person, server.url, 'ben');
  for (const phantom of phantoms.slice(1, labelled)) await go.labelByProgram(ben, phantom, first);
  await page.getByRole('link', { name: 'Studies' }).click();
  await page
    .getByText('To be reviewed')
    .nth(labelled - 1)
    .waitFor();
}

async function startTraining(page: Page, name: string, steps: number, interactive: boolean): Promise<void> {
  await page.getByRole('link', { name: 'Training' }).click();
  await page.getByRole('button', { name: 'New training' }).click();
  const form = page.getByRole('form', { name: 'New training' });
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('Labels').selectOption('submitted');
  await form.getByLabel('Budget').first().selectOption('steps');
  await form.getByRole('spinbutton', { name: 'steps' }).fill(String(steps));
  if (interactive) await form.getByLabel('Learn to take clicks').check();
  await form.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('heading', { name }).waitFor();
}

const MINUTES = 60_000;

async function watchTraining({ page }: Journey): Promise<void> {
  await page
    .getByRole('figure')
    .first()
    .waitFor({ timeout: 2 * MINUTES });
  await page.getByRole('link', { name: 'Open the model' }).waitFor({ timeout: 15 * MINUTES });
  await page.getByText('done', { exact: true }).waitFor();
}

async function annotateWithClicks(journey: Journey): Promise<void> {
  const { page, phantoms, labelled, person } = journey;
  const next = at(phantoms, labelled);
  await go.openStudy(page, next);
  await go.openAnnotate(page);
  await page.getByRole('button', { name: 'Clicks' }).click();
  const onAxial = await go.placeOnAxial(page);
  const answered = page.waitForResponse((answer) => answer.url().endsWith('/interaction'));
  await page.mouse.click(...onAxial(middleOf(next)));
  demand((await answered).ok(), 'the click was refused');
  await go.saved(page);
  const [draft] = (await person.json(`/api/annotations?study=${next.study}`)) as AnnotationAnswer[];
  demand((draft?.voxels['1'] ?? 0) > 0, 'a click did not draw anything');
  await page.getByRole('button', { name: 'Hand in' }).click();
  await page.getByText('Handed in: it waits for its review.').waitFor();
}

async function lookAtModel(journey: Journey): Promise<void> {
  await watchTraining(journey);
  const { page } = journey;
  await page.getByRole('link', { name: 'Open the model' }).click();
  await page
    .getByRole('heading', { name: /lesion/ })
    .first()
    .waitFor();
}

async function propose(journey: Journey): Promise<void> {
  const { page, phantoms, person } = journey;
  const unseen = at(phantoms, phantoms.length - 1);
  await go.openStudy(page, unseen);
  await go.openAnnotate(page);
  const trainings = (await person.json('/api/trainings')) as TrainingAnswer[];
  const model = trainings.find(({ name }) => name === 'lesion')?.model ?? '';
  await page.getByRole('combobox', { name: 'Model', exact: true }).first().selectOption(model);
  await page.getByRole('combobox', { name: 'Window' }).selectOption({ label: 'Liver (5)' });
  await page.getByRole('button', { name: 'Propose' }).click();
  await page.getByText('Proposing …').waitFor({ state: 'detached' });
  await go.saved(page);
  journey.proposalDice = await diceOfDraft(journey, unseen);
}

async function correct(journey: Journey): Promise<void> {
  const { page, phantoms, pictures } = journey;
  const unseen = at(phantoms, phantoms.length - 1);
  const [x, y] = middleOf(unseen);
  await go.stepAxial(page, unseen.middle[2] - OPENS_AT);
  await page.getByRole('button', { name: 'Brush' }).click();
  for (const dy of [-0.06, 0, 0.06]) await go.drag(page, [x - 0.05, y + dy], [x + 0.05, y + dy]);
  await page.getByRole('button', { name: 'Eraser' }).click();
  // About it, where nothing belongs.
  for (const far of [-0.2, 0.2]) {
    await go.drag(page, [x - 0.2, y + far], [x + 0.2, y + far]);
    await go.drag(page, [x + far, y - 0.2], [x + far, y + 0.2]);
  }
  await go.savedIfChanged(page);
  journey.correctedDice = await diceOfDraft(journey, unseen);
  const { proposalDice: before, correctedDice: after } = journey;
  demand(after >= before && (after > before || before > 0.9), `the correction led from Dice ${before} to ${after}`);
  if (pictures) await page.screenshot({ path: go.pictureAt(pictures, 14, 'corrected') });
  await page.getByRole('button', { name: 'Hand in' }).click();
  await page.getByText('Handed in: it waits for its review.').waitFor();
}

async function signOff({ browser, server, person, problems, phantoms, pictures }: Journey): Promise<void> {
  const name = 'reviewer';
  const grants = [{ project: 'default', role: 'annotator' }];
  const { oneTimePassword } = (await person.json('/api/users', { name, grants })) as { oneTimePassword: string };
  const { context, page } = await go.newPage(browser, problems);
  await go.signInFirst(page, server, name, oneTimePassword);
  await go.openStudy(page, at(phantoms, phantoms.length - 1));
  await go.openAnnotate(page);
  await page
    .getByRole('listitem')
    .filter({ hasText: /^admin/ })
    .getByRole('button', { name: 'Show', exact: true })
    .click();
  await page.getByLabel('Comment on the label map of admin').fill('Agreed: one lesion.');
  await page.getByRole('button', { name: 'Sign off' }).click();
  await page.getByText(/admin: Approved/).waitFor();
  if (pictures) await page.screenshot({ path: go.pictureAt(pictures, 15, 'the reviewer') });
  await context.close();
}

async function findReport({ page, person, phantoms }: Journey): Promise<void> {
  const { study } = at(phantoms, phantoms.length - 1);
  const approved = ((await person.json(`/api/annotations?study=${study}`)) as AnnotationAnswer[]).find(
    ({ state }) => state === 'approved',
  );
  const read = await segOf(person, approved);
  const voxels = Array.from(read.labels().voxels).filter((voxel) => voxel > 0).length;
  demand(voxels > 0 && voxels === approved?.voxels['1'], `the SEG has ${voxels} voxels`);
  const reports = (await person.json('/fhir/DiagnosticReport?status=final')) as { entry?: object[] };
  demand(reports.entry?.length === 1, `final reports: ${reports.entry?.length ?? 0}`);
  const measured = (await person.json('/fhir/Observation')) as { entry?: object[] };
  demand((measured.entry?.length ?? 0) > 0, 'the report has no measurement');
  await page.reload();
  await go.openAnnotate(page);
  await page.getByText('Signed off.').waitFor();
  await page.getByRole('link', { name: 'Studies' }).click();
  await page.getByRole('cell', { name: 'Approved' }).waitFor();
}

async function segOf(person: Person, annotation: AnnotationAnswer | undefined) {
  const { series, instance } = annotation?.segmentation ?? {};
  demand(instance !== undefined, 'there is no SEG');
  const path = `/dicom-web/studies/${annotation?.study}/series/${series}/instances/${instance}`;
  const answer = await person.ask(path, { headers: { accept: 'application/dicom' } });
  return readSegmentation(await readDicom(new Uint8Array(await answer.arrayBuffer())));
}

async function diceOfDraft({ person }: Journey, { study, lesion }: Phantom): Promise<number> {
  const all = (await person.json(`/api/annotations?study=${study}`)) as AnnotationAnswer[];
  const own = all.find(({ annotator }) => annotator.kind === 'person');
  return go.dice(await readDraft(person, own?.id ?? ''), lesion);
}

/** Of the lesion in the axial view, by shares of its side from the middle. */
function middleOf({ middle: [x, y] }: Phantom): [number, number] {
  return [(x + 0.5) / 48 - 0.5, (y + 0.5) / 48 - 0.5];
}

function at(phantoms: readonly Phantom[], index: number): Phantom {
  const found = phantoms[index];
  if (!found) throw new VesaliusError('INVALID_ARGUMENT', { what: 'number of scans', got: phantoms.length });
  return found;
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new VesaliusError('RUNTIME_FAILED', { what: 'the journey', got: otherwise });
}
