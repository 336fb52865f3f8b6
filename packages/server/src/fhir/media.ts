import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Definitions } from './definitions.ts';
import { FhirRefusal, issue } from './outcomes.ts';

const JSON_TYPES = /^(application\/(fhir\+json|json|json-patch\+json)|text\/json)$/;
const XML_TYPES = /^(application\/(fhir\+xml|xml)|text\/xml)$/;
const FORM = 'application/x-www-form-urlencoded';

const essence = (type: string | undefined): string => (type ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** The body as plain values. @throws 400, 415 */
export function readBody({ headers, body }: FastifyRequest, { fhir }: Definitions): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  const type = essence(headers['content-type']);
  const text = body.toString('utf8');
  if (type === FORM) return queryOf(new URLSearchParams(text));
  const parse = JSON_TYPES.test(type)
    ? JSON.parse
    : XML_TYPES.test(type)
      ? (xml: string) => fhir.xmlToObj(xml)
      : undefined;
  if (!parse) throw new FhirRefusal('unsupported-media-type', [issue('not-supported', 'JSON or XML of FHIR is taken')]);
  try {
    const parsed: unknown = parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Answered below: what a parser says may quote the body.
  }
  throw new FhirRefusal('bad-request', [issue('structure', 'the body cannot be read')]);
}

export function queryOf(parameters: URLSearchParams): Record<string, string | string[]> {
  const keys = [...new Set(parameters.keys())];
  return Object.fromEntries(
    keys.map((key) => {
      const values = parameters.getAll(key);
      return [key, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}

/** @throws 406 for what is neither JSON nor XML */
export function wantsXml({ headers }: FastifyRequest, format: string | undefined): boolean {
  const accepted = (format ? [format.replace(' ', '+')] : (headers.accept ?? '*/*').split(',')).map(essence);
  for (const type of accepted) {
    if (type === 'xml' || XML_TYPES.test(type)) return true;
    if (type === 'json' || JSON_TYPES.test(type) || type === '*/*' || type === 'application/*') return false;
  }
  throw new FhirRefusal('not-acceptable', [issue('not-supported', 'answers are JSON or XML of FHIR')]);
}

interface Sent {
  readonly status: number;
  readonly resource: object | undefined;
  readonly xml: boolean;
}

/** Buffers, so that nothing is added to the media type. */
export function send(reply: FastifyReply, { fhir }: Definitions, { status, resource, xml }: Sent): FastifyReply {
  reply.code(status);
  if (resource === undefined) return reply.send();
  if (!xml) return reply.type('application/fhir+json').send(Buffer.from(JSON.stringify(resource)));
  return reply.type('application/fhir+xml').send(Buffer.from(fhir.objToXml(resource)));
}
