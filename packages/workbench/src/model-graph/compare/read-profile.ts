import { VesaliusError } from '@vesalius/errors';

/** Time of one node, in microseconds for each run. */
export interface NodeTime {
  readonly name: string;
  readonly op: string;
  readonly provider: string;
  readonly microseconds: number;
}

interface ProfileEvent {
  readonly cat?: unknown;
  readonly name?: unknown;
  readonly dur?: unknown;
  readonly args?: { readonly op_name?: unknown; readonly provider?: unknown };
}

const KERNEL = '_kernel_time';

/**
 * Times by node from a profile that onnxruntime wrote (`enableProfiling`): the mean over the runs in it, slowest first.
 *
 * @throws FILE_FORMAT when the text is no such profile
 */
export function readProfile(text: string): NodeTime[] {
  const events = eventsIn(text).filter(({ cat, name }) => cat === 'Node' && String(name).endsWith(KERNEL));
  if (events.length === 0) throw notOne('no times of nodes');
  const sums = new Map<string, NodeTime & { runs: number }>();
  for (const { name, dur, args } of events) {
    const node = String(name).slice(0, -KERNEL.length);
    const known = sums.get(node);
    sums.set(node, {
      name: node,
      op: String(args?.op_name ?? ''),
      provider: String(args?.provider ?? ''),
      microseconds: (known?.microseconds ?? 0) + (Number(dur) || 0),
      runs: (known?.runs ?? 0) + 1,
    });
  }
  return [...sums.values()]
    .map(({ runs, microseconds, ...rest }) => ({ ...rest, microseconds: microseconds / runs }))
    .sort((a, b) => b.microseconds - a.microseconds);
}

/** A program that was killed leaves the list open: what stands in it whole is still read. */
function eventsIn(text: string): ProfileEvent[] {
  for (const attempt of [text, `${text.trimEnd().replace(/,$/, '')}]`]) {
    try {
      const parsed: unknown = JSON.parse(attempt);
      if (Array.isArray(parsed)) return parsed.filter((item) => item !== null && typeof item === 'object');
    } catch {}
  }
  throw notOne('not a list of events');
}

function notOne(got: string): VesaliusError {
  return new VesaliusError('FILE_FORMAT', {
    what: 'onnxruntime profile',
    got,
    expected: 'a JSON list with times of nodes',
  });
}
