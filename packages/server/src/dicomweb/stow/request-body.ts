import { Readable } from 'node:stream';
import type { Call } from '../call.ts';
import { badRequest, tooLarge } from '../refusals.ts';

/**
 * The bytes of a request as they arrive, up to the limit.
 *
 * @throws 413, at once where the request says its length; 400 for none
 */
export function bodyOf({ request, services }: Call): AsyncIterable<Uint8Array> {
  const { requestBytes } = services.settings.limits;
  if (Number(request.headers['content-length'] ?? 0) > requestBytes)
    throw tooLarge('bytes of the request', requestBytes);
  const { body } = request;
  if (!(body instanceof Readable)) throw badRequest('body of the request', { got: 'none' });
  // Who stops in the middle still has to answer.
  return counted(body.iterator({ destroyOnReturn: false }), requestBytes);
}

async function* counted(body: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > most) throw tooLarge('bytes of the request', most);
    yield chunk;
  }
}
