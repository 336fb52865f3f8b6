import type { OutputStream } from '../commands/command.ts';

/** A stream that keeps what is written. */
export function collectedOutput(isTTY = false): OutputStream & { readonly text: string } {
  let text = '';
  return {
    isTTY,
    columns: 80,
    write: (more) => {
      text += more;
    },
    get text() {
      return text;
    },
  };
}
