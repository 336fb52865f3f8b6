import type { OptionRecord, OptionValues } from '../arguments/option.ts';

/** Where text goes; a terminal or not. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
}

/** What a command works with; nothing else of the process is touched. */
export interface CommandContext {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Given at the first Ctrl-C: save and stop. */
  readonly signal: AbortSignal;
  /** Answer with JSON, one value a line. */
  readonly json: boolean;
  readonly cwd: string;
}

/** The arguments of a command line after its name. */
export interface CommandArguments<Options extends OptionRecord = OptionRecord> {
  readonly positionals: readonly string[];
  readonly options: OptionValues<Options>;
}

/** One command: one record, one file. What it does stands in a file of its own, which is loaded when it is run. */
export interface Command<Options extends OptionRecord = OptionRecord> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Positional arguments as the help shows them: `DATA`, `[OUT]`, `FILE...`. */
  readonly usage: string;
  readonly options: Options;
  /** Longer text for `--help`. */
  readonly details?: string;
  run(args: CommandArguments<Options>, context: CommandContext): Promise<void>;
}

/** Infers the types of the options. */
export function defineCommand<const Options extends OptionRecord>(command: Command<Options>): Command<Options> {
  return command;
}
