import type { IncomingRequest } from '../association/association.ts';
import { type DimseOutcome, outcomeOfError, STATUS } from '../dimse/status.ts';
import { answer } from './answer.ts';

/** Sends each match as pending, then the outcome; stops between two matches when the peer cancels (PS3.4 C.4.1.3). */
export async function serveFind(
  request: IncomingRequest,
  matches: AsyncGenerator<Uint8Array, DimseOutcome | undefined>,
): Promise<void> {
  try {
    for (let isDone = false; !isDone; ) {
      const step = await nextOf(matches);
      isDone = step.done === true || request.signal.aborted;
      if (request.signal.aborted) await answer(request, { status: STATUS.CANCEL });
      else if (step.done) await answer(request, step.value ?? { status: STATUS.SUCCESS });
      else await answer(request, { status: STATUS.PENDING }, { dataSet: step.value });
    }
  } finally {
    // Also where the peer is gone: the handler may hold a cursor open.
    await matches.return(undefined);
  }
}

async function nextOf(matches: AsyncGenerator<Uint8Array, DimseOutcome | undefined>) {
  try {
    return await matches.next();
  } catch (error) {
    return { done: true, value: outcomeOfError(error) } as const;
  }
}
