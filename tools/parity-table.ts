/** One `@parity` tag: the exported name it stands above and the symbol of the original. */
export interface ParityTag {
  readonly ours: string;
  readonly file: string;
  readonly original: string;
}

/** A golden file as far as the table needs it. */
export interface GoldenFile {
  /** Path below `golden/`, without `.json`: what `readGolden` is given. */
  readonly name: string;
  readonly parity: string;
  readonly cases: number;
  readonly tolerance: number;
}

const DOCSTRING =
  /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export\s+(?:async\s+)?(?:function\*?|const|class|interface|type)\s+(\w+)/g;

/** The tags of one source text, in order. */
export function parityTags(source: string, file: string): ParityTag[] {
  return [...source.matchAll(DOCSTRING)].flatMap(([, doc = '', ours = '']) =>
    [...doc.matchAll(/@parity\s+([^\n]+)/g)].map((tag) => ({ ours, file, original: tag[1]?.trim() ?? '' })),
  );
}

/** `monai.losses.DiceLoss(softmax=True)` -> `monai.losses.DiceLoss`. */
export function symbolOf(parity: string): string {
  return parity.split('(')[0]?.trim() ?? '';
}

/** True where a test text gives `readGolden` this name, whole or put together from its folder and a last part it names. */
export function readsGolden(test: string, name: string): boolean {
  const cut = name.lastIndexOf('/') + 1;
  const namesLastPart = new RegExp(`(?<![\\w/-])${name.slice(cut)}(?![\\w/-])`);
  if (test.includes(`readGolden('${name}')`)) return true;
  return test.includes(`readGolden(\`${name.slice(0, cut)}\${`) && namesLastPart.test(test);
}

export interface ParityInput {
  readonly tags: readonly ParityTag[];
  readonly golden: readonly GoldenFile[];
  /** Texts of every test file. */
  readonly tests: readonly string[];
}

/** What is missing between tags, golden files and tests. */
export function parityProblems({ tags, golden, tests }: ParityInput): string[] {
  const answered = new Set(golden.map(({ parity }) => symbolOf(parity)));
  return [
    ...tags
      .filter(({ original }) => !answered.has(symbolOf(original)))
      .map(({ ours, file, original }) => `${file}: ${ours} claims ${original}, which no golden file answers`),
    ...golden
      .filter(({ name }) => !tests.some((test) => readsGolden(test, name)))
      .map(({ name }) => `golden/${name}.json: no test reads it`),
  ];
}

/** The table of PARITY.md, in the order of the originals. */
export function parityTable({ tags, golden }: ParityInput): string {
  const rows = tags.flatMap((tag) =>
    golden
      .filter(({ parity }) => symbolOf(parity) === symbolOf(tag.original))
      .map(
        ({ name, cases, tolerance }) =>
          `| [\`${tag.ours}\`](${tag.file}) | \`${tag.original}\` | [${name}](golden/${name}.json) | ${cases} | ${tolerance} |`,
      ),
  );
  return ['| ours | original | golden answers | cases | tolerance |', '|---|---|---|---|---|', ...rows.sort()].join(
    '\n',
  );
}
