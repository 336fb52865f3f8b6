import { type MultipartEvent, type MultipartLimits, MultipartParser, type PartHeaders } from './multipart-parser.ts';

/** A part on its way in. */
export interface Part {
  readonly headers: PartHeaders;
  /** Read once, in order; what is left is passed over when the next part is asked for. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * The parts of a multipart body, none of them held: the source is read as fast as the parts are.
 *
 * @throws as `MultipartParser`
 */
export async function* readParts(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
  limits?: MultipartLimits,
): AsyncGenerator<Part> {
  const events = eventsOf(source, new MultipartParser(boundary, limits));
  try {
    for (let next = await events.next(); !next.done; next = await events.next()) {
      if (next.value.kind !== 'part') continue;
      const body = bodyOf(events);
      yield { headers: next.value.headers, body };
      // What was not read is passed over; of a body that was left in the middle the rest comes as events above.
      for await (const _ of body);
    }
  } finally {
    await events.return(undefined);
  }
}

async function* eventsOf(source: AsyncIterable<Uint8Array>, parser: MultipartParser): AsyncGenerator<MultipartEvent> {
  for await (const chunk of source) yield* parser.push(chunk);
  parser.end();
}

async function* bodyOf(events: AsyncGenerator<MultipartEvent>): AsyncGenerator<Uint8Array> {
  for (let next = await events.next(); !next.done; next = await events.next()) {
    if (next.value.kind === 'data') yield next.value.bytes;
    if (next.value.kind === 'part-end') return;
  }
}
