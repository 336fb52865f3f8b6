// One stretch of mutations in a process of its own: `worker.ts DOOR FIRST COUNT`. Tells by IPC where it is and what it found; what it
// prints, the errors of its door included, is read by the process that watches it.
import { VesaliusError } from '@vesalius/errors';
import { DOORS, type DoorName } from './doors.ts';
import { mutate, seeded } from './mutate.ts';
import { PLANTED, plantedFiles } from './planted.ts';

/** What a stretch of mutations came to so far. */
export interface FuzzProgress {
  /** The next mutation. */
  readonly at: number;
  readonly refused: number;
  readonly crashes: number;
  readonly slowestSeconds: number;
  readonly leaks: number;
  readonly peakMebibytes: number;
}

/** How often the watching process hears of it. */
const EVERY = 25;
const SLOW_SECONDS = 0.5;

const [name = 'files', first = '0', count = '1'] = process.argv.slice(2);
const door = DOORS[name as DoorName];
const files = await plantedFiles();
const progress = { at: Number(first), refused: 0, crashes: 0, slowestSeconds: 0, leaks: 0, peakMebibytes: 0 };
const seedOfDoor = Object.keys(DOORS).indexOf(name) * 1e9;

for (; progress.at < Number(first) + Number(count); progress.at++) {
  if (progress.at % EVERY === 0) process.send?.(progress);
  await one(progress.at);
  progress.peakMebibytes = Math.max(progress.peakMebibytes, process.memoryUsage.rss() / 2 ** 20);
}
process.send?.(progress, () => process.disconnect());

async function one(number: number): Promise<void> {
  const random = seeded(seedOfDoor + number);
  const pick = (): Uint8Array => files[Math.floor(random() * files.length)] as Uint8Array;
  const bytes = mutate(door.sound(pick()), random, pick());
  const operations = door.read(bytes, random);
  for (let done = false; !done; ) {
    const before = process.cpuUsage();
    const step = await operations.next().catch((error) => ({ value: answerTo(error), done: true }));
    const { user, system } = process.cpuUsage(before);
    noteTime(number, (user + system) / 1e6);
    noteLeaks(number, step.value);
    done = step.done === true;
  }
}

/** By CPU time: the machine may be busy. */
function noteTime(number: number, seconds: number): void {
  progress.slowestSeconds = Math.max(progress.slowestSeconds, seconds);
  if (seconds > SLOW_SECONDS) console.error(`slow: ${name} ${number}: ${seconds.toFixed(2)} s`);
}

function noteLeaks(number: number, said: unknown): void {
  const line = JSON.stringify(said) ?? '';
  if (!PLANTED.some((word) => line.includes(word))) return;
  progress.leaks++;
  console.error(`leak: ${name} ${number}`);
}

/** What the product logs of an error: all of it. */
function answerTo(error: unknown): unknown {
  if (error instanceof VesaliusError) {
    progress.refused++;
    return [error.code, error.message, error.details, causesOf(error)];
  }
  progress.crashes++;
  console.error(
    `crash: ${name} ${process.argv.slice(2).join(' ')} at ${progress.at}: ${error instanceof Error ? error.stack : error}`,
  );
  return String(error);
}

function causesOf(error: Error): string[] {
  return error.cause instanceof Error ? [error.cause.message, ...causesOf(error.cause)] : [];
}
