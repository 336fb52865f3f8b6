import type { OutputStream } from '../commands/command.ts';

interface ProgressState {
  /** Of `total`: steps, seconds or cases. */
  readonly done: number;
  readonly total: number;
  readonly loss?: number;
  /** Mean foreground Dice, 0 to 1. */
  readonly dice?: number;
  readonly samplesPerSecond?: number;
  /** Reckoned from the share done when left out. */
  readonly secondsLeft?: number;
  /** What is being worked on. */
  readonly note?: string;
}

export interface Progress {
  update(state: ProgressState): void;
  /** Ends the line; with a text, that stands in its place. */
  finish(text?: string): void;
}

export interface ProgressOptions {
  /** What is being done: `Checking`. */
  readonly label: string;
  /** Write JSON lines instead of text. */
  readonly json?: boolean;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

const REDRAW_MS = 100;
const LINE_MS = 10_000;
const FEWEST_MS = 1_000;
const LINE_SHARE = 0.05;
const BAR_CELLS = 24;
const CLEAR_LINE = '\r\u001b[2K';

/** Shows how far a piece of work is: one changing line on a terminal; elsewhere a line every 10 s or 5 %. */
export function showProgress(stream: OutputStream, { label, json = false, now = Date.now }: ProgressOptions): Progress {
  const started = now();
  const live = stream.isTTY === true && !json;
  let last = { time: live ? Number.NEGATIVE_INFINITY : started, share: 0 };
  return {
    update(state) {
      const [time, share] = [now(), shareOf(state)];
      const ended = share >= 1;
      const due = live ? time - last.time >= REDRAW_MS : isLineDue(time - last.time, share - last.share);
      if (!due && !(ended && last.share < 1)) return;
      last = { time, share };
      const known = { ...state, secondsLeft: state.secondsLeft ?? secondsLeft(share, time - started) };
      if (json) stream.write(`${JSON.stringify({ progress: label, ...known })}\n`);
      else if (live)
        stream.write(CLEAR_LINE + progressLine(label, known, BAR_CELLS).slice(0, (stream.columns ?? 80) - 1));
      else stream.write(`${progressLine(label, known, 0)}\n`);
    },
    finish(text) {
      if (live) stream.write(text === undefined ? '\n' : CLEAR_LINE);
      if (text !== undefined) stream.write(json ? `${JSON.stringify({ finished: label, text })}\n` : `${text}\n`);
    },
  };
}

function isLineDue(elapsedMs: number, progressed: number): boolean {
  return elapsedMs >= LINE_MS || (progressed >= LINE_SHARE && elapsedMs >= FEWEST_MS);
}

function shareOf({ done, total }: ProgressState): number {
  return total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
}

function secondsLeft(share: number, elapsedMs: number): number {
  return share > 0 ? ((elapsedMs / 1000) * (1 - share)) / share : Number.NaN;
}

function progressLine(label: string, state: ProgressState, cells: number): string {
  const share = shareOf(state);
  const { loss, dice, samplesPerSecond, secondsLeft: left = Number.NaN, note } = state;
  const parts = [
    `${label} ${cells > 0 ? `${bar(share, cells)} ` : ''}${String(Math.floor(100 * share)).padStart(3)} %`,
    loss === undefined ? '' : `loss ${loss.toFixed(4)}`,
    dice === undefined ? '' : `Dice ${dice.toFixed(3)}`,
    samplesPerSecond === undefined ? '' : `${samplesPerSecond.toFixed(1)} samples/s`,
    Number.isFinite(left) && share < 1 ? `${durationText(left)} left` : '',
    note ?? '',
  ];
  return parts.filter((part) => part !== '').join('  ');
}

function bar(share: number, cells: number): string {
  const eighths = Math.round(share * cells * 8);
  const full = Math.floor(eighths / 8);
  const part = full < cells ? (['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? '') : '';
  return `▕${('█'.repeat(full) + part).padEnd(cells)}▏`;
}

/** `45 s`, `3:05 min`, `1:02 h`. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [large, small, unit] =
    whole < 3600 ? [whole / 60, whole % 60, 'min'] : [whole / 3600, (whole % 3600) / 60, 'h'];
  return `${Math.floor(large)}:${String(Math.floor(small)).padStart(2, '0')} ${unit}`;
}
