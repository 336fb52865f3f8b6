import { readFileSync } from 'node:fs';
import { bootstrapDifference, bootstrapMean, meanOfNumbers } from '@vesalius/medical';
import { alignFilm, correspondingPlace, frameOf, type Place, type PlaceGrid, type Placement } from '@vesalius/methods';
import { placeGrids } from '../../packages/cli/src/pretraining/ask-encoder.ts';
import { type ChestFilms, chestFilms, chestFilmsFolder, filmsOf, SIZE, takeFilms } from '../contrastive/chest-films.ts';
import { dinoFeatures } from '../contrastive/dino-features.ts';
import { sourceOf, TEACHING_SOURCES, type Teaching, taughtEncoder } from '../contrastive/taught-encoders.ts';
import type { Measure } from '../figure-result.ts';
import { openResults } from '../results-store.ts';

const SEEDS = [0, 1, 2];
const TEACHINGS: readonly Teaching[] = ['random', 'simclr', 'anatomy'];
/** Of a method that is also told where coarse alignment expects the place. */
const ALIGNED = '+alignment';
const MARKS = new URL('../../tests/chest-places/marks.json', import.meta.url);

interface Marked {
  readonly places: readonly Place[];
}

interface Marks {
  readonly places: readonly string[];
  readonly films: readonly (Marked & { readonly file: string })[];
  readonly pairs: readonly (readonly [number, number])[];
  readonly second: readonly (Marked & { readonly film: number })[];
}

/** A place of one film, sought in the other: its number, and where the other one is marked. */
interface Question {
  readonly pair: number;
  readonly place: number;
  readonly from: Place;
  readonly wanted: Place;
}

/** Four places marked in one patient's film are sought in another's; each row is a distance in parts of the image's width. */
export const measure: Measure = async ({ quick, log }) => {
  const marks = JSON.parse(readFileSync(MARKS, 'utf8')) as Marks;
  const films = await chestFilms();
  const questions = questionsOf(marks);
  const results = openResults({
    name: quick ? '.cache/e4-quick.csv' : 'e4',
    columns: ['distance'],
    sources: [
      'bench/figures/e4.ts',
      'packages/cli/src/pretraining/ask-encoder.ts',
      'packages/methods/src/contrastive/place-correspondence.ts',
      'bench/contrastive/dino-features.ts',
      'tests/chest-places/marks.json',
      ...TEACHING_SOURCES,
    ],
    data: [chestFilmsFolder()],
  });
  const carryOut = async (name: string, answer: () => Promise<readonly Place[]>): Promise<void> => {
    if (questions.every((question) => results.has(rowName(name, question)))) return;
    const answers = await answer();
    for (const [i, question] of questions.entries())
      if (!results.has(rowName(name, question)))
        results.append(rowName(name, question), { distance: distance(answers[i] as Place, question.wanted) });
    log(`${name} done`);
  };
  const expected = aligned(films, marks, questions);
  const sought = (grids: readonly PlaceGrid[], near?: readonly Place[]): Place[] =>
    questions.map(({ pair, from }, i) => {
      const [a, b] = marks.pairs[pair] as readonly [number, number];
      return correspondingPlace(grids[a] as PlaceGrid, from, grids[b] as PlaceGrid, near?.[i]);
    });
  await carryOut('same-coordinates', () => Promise.resolve(questions.map(({ from }) => from)));
  await carryOut('aligned-coordinates', () => Promise.resolve(expected));
  const carryOutBoth = async (
    name: string,
    seed: string,
    grids: () => Promise<readonly PlaceGrid[]>,
  ): Promise<void> => {
    await carryOut(`${name}${seed}`, async () => sought(await grids()));
    await carryOut(`${name}${ALIGNED}${seed}`, async () => sought(await grids(), expected));
  };
  const files = marks.films.map(({ file }) => file);
  if (!quick)
    await carryOutBoth('dinov2', '', async () => (await dinoFeatures(files, log)).map(({ places }) => places));
  const seeds = quick ? SEEDS.slice(0, 1) : SEEDS;
  for (const seed of seeds)
    for (const teaching of TEACHINGS)
      await carryOutBoth(teaching, ` ${seed}`, async () => {
        const weights = await taughtEncoder({ films, teaching, seed, quick, log });
        return placeGrids(sourceOf(films), {
          weights,
          size: SIZE,
          films: files.map((file) => films.names.indexOf(file)),
        });
      });
  const rows = new Map(results.current().map(({ case: name, values }) => [name, values['distance'] as number]));
  const distances = (name: string): number[] =>
    questions.map((question) => rows.get(rowName(name, question)) as number);
  const figure = figuresOf({ marks, questions, seeds, distances, quick });
  for (const [name, value] of Object.entries(figure)) log(`${name} ${value.toFixed(4)}`);
  return { figure, peer: {} };
};

const rowName = (name: string, { pair, place }: Question): string => `${name} pair ${pair} place ${place}`;

const distance = (a: Place, b: Place): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

const part = ([x, y]: Place): Place => [x / 100, y / 100];

function questionsOf({ pairs, films, places }: Marks): Question[] {
  return pairs.flatMap(([a, b], pair) =>
    places.map((_, place) => {
      const at = (film: number): Place => part(films[film]?.places[place] as Place);
      return { pair, place, from: at(a), wanted: at(b) };
    }),
  );
}

/** By the coarse alignment alone, without features. */
function aligned(films: ChestFilms, marks: Marks, questions: readonly Question[]): Place[] {
  const frame = frameOf(takeFilms(films, filmsOf(films, 'training')));
  const placed = marks.films.map(({ file }) => alignFilm(films, films.names.indexOf(file), frame));
  return questions.map(({ pair, from }) => {
    const [a, b] = (marks.pairs[pair] as readonly [number, number]).map((film) => placed[film] as Placement) as [
      Placement,
      Placement,
    ];
    return [0, 1].map((axis) => {
      const common = ((from[axis] as number) - (a.shift[axis] as number)) / (a.scale[axis] as number);
      return (b.shift[axis] as number) + (b.scale[axis] as number) * common;
    }) as unknown as Place;
  });
}

interface Scored {
  readonly marks: Marks;
  readonly questions: readonly Question[];
  readonly seeds: readonly number[];
  readonly distances: (name: string) => readonly number[];
  readonly quick: boolean;
}

function figuresOf({ marks, questions, seeds, distances, quick }: Scored): Record<string, number> {
  const asked = [...(quick ? [] : ['dinov2']), ...TEACHINGS].flatMap((name) => [name, name + ALIGNED]);
  const names = ['same-coordinates', 'aligned-coordinates', ...asked];
  const runs = (name: string): string[] =>
    (TEACHINGS as readonly string[]).includes(name.replace(ALIGNED, ''))
      ? seeds.map((seed) => `${name} ${seed}`)
      : [name];
  /** Of each pair: the share of its four places that are found, a mean over seeds. */
  const found = (name: string, within: number): number[] =>
    marks.pairs.map((_, pair) =>
      meanOfNumbers(
        runs(name).flatMap((run) =>
          distances(run).flatMap((value, i) => (questions[i]?.pair === pair ? [value <= within ? 1 : 0] : [])),
        ),
      ),
    );
  const scores = names.flatMap((name) => {
    const interval = bootstrapMean(found(name, 0.1));
    return [
      [`${name}.within5`, meanOfNumbers(found(name, 0.05))],
      [`${name}.within10`, interval.estimate],
      [`${name}.within10Low`, interval.low],
      [`${name}.within10High`, interval.high],
      [`${name}.distance`, meanOfNumbers(runs(name).flatMap(distances))],
    ] as const;
  });
  const gains = names
    .filter((name) => name !== `anatomy${ALIGNED}`)
    .flatMap((name) => {
      const { estimate, low, high } = bootstrapDifference(found(`anatomy${ALIGNED}`, 0.1), found(name, 0.1));
      return [
        [`over.${name}`, estimate],
        [`over.${name}.low`, low],
        [`over.${name}.high`, high],
      ] as const;
    });
  const again = marks.second.flatMap(({ film, places }) =>
    places.map((place, i) => distance(part(place), part(marks.films[film]?.places[i] as Place))),
  );
  return {
    pairs: marks.pairs.length,
    seeds: seeds.length,
    'marker.distance': meanOfNumbers(again),
    'marker.within5': meanOfNumbers(again.map((value) => (value <= 0.05 ? 1 : 0))),
    ...Object.fromEntries([...scores, ...gains]),
  };
}
