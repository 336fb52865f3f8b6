/** What `bench/figures/<id>.ts` exports as `measure` is given. */
export interface FigureOptions {
  /** A few minutes at most: fewer repeats, fewer cases; says whether the figure is plausible, never whether it is reached. */
  readonly quick: boolean;
  /** One line of progress, to stderr. */
  readonly log: (line: string) => void;
}

/** Named numbers, under the names of the thresholds in goals.json where one exists. */
export interface FigureResult {
  readonly figure: Record<string, number>;
  /** The original's numbers, measured beside ours in the same run; empty where the goal has no peer. */
  readonly peer: Record<string, number>;
}

export type Measure = (options: FigureOptions) => Promise<FigureResult>;

/** The last line of `npm run figure ID`, and what bench/results/<id>.json keeps. */
export interface StoredFigure extends FigureResult {
  readonly id: string;
  readonly ok: boolean;
  readonly goal: readonly string[];
  readonly quick: boolean;
  readonly machine: string;
  /** ISO 8601, UTC. */
  readonly date: string;
}
