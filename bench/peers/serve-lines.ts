import { createInterface } from 'node:readline';

/** What a measured process answers: one reply a request. */
export type LineHandlers = Record<string, (request: never) => Promise<object>>;

/** Serves requests `{"do": name, ...}`, one JSON line each, from stdin to stdout, until stdin ends. Says first that it stands ready. */
export async function serveLines(handlers: LineHandlers): Promise<void> {
  const reply = (value: object): boolean => process.stdout.write(`${JSON.stringify(value)}\n`);
  reply({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as { do: string };
    const handler = handlers[request.do] as (request: object) => Promise<object>;
    reply(await handler(request));
  }
}

/** Time of the work, of the whole process and by the clock, in milliseconds. */
export async function measureTimes(work: () => Promise<void>): Promise<{ cpuMs: number; wallMs: number }> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - wall };
}
