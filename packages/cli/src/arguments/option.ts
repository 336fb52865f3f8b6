/** An option of a command; its name is the key it stands under. */
export type Option =
  | { readonly type: 'flag'; readonly summary: string }
  | {
      readonly type: 'text';
      readonly summary: string;
      /** What the help shows for the value: `DIR`. */
      readonly value: string;
      readonly choices?: readonly string[];
      readonly default?: string;
    }
  | {
      readonly type: 'number';
      readonly summary: string;
      readonly value: string;
      readonly default?: number;
      readonly minimum?: number;
      readonly maximum?: number;
      readonly integer?: boolean;
    }
  /** `90s`, `10m`, `1.5h`; seconds without a unit. Given to the command in seconds. */
  | { readonly type: 'duration'; readonly summary: string; readonly value: string; readonly default?: number };

export type OptionRecord = Readonly<Record<string, Option>>;

type ValueOf<O extends Option> = O extends { type: 'flag' } ? boolean : O extends { type: 'text' } ? string : number;

/** Flags are false unless given; others undefined unless given or with a default. */
export type OptionValues<Options extends OptionRecord> = {
  readonly [Name in keyof Options]: Options[Name] extends { type: 'flag' } | { default: string | number }
    ? ValueOf<Options[Name]>
    : ValueOf<Options[Name]> | undefined;
};
