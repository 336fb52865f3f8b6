import { VesaliusError } from '@vesalius/errors';
import { z } from 'zod';

const schema = z.object({
  federation: z.string().min(1),
  site: z.string().min(1),
  url: z.url({ protocol: /^https$/ }),
  /** Base64. */
  secret: z.string().min(1),
  /** PEM: the coordinator is known by it from the first word on. */
  authority: z.string().startsWith('-----BEGIN CERTIFICATE-----'),
});

/** What a coordinator hands to one site, by a way that both trust: it can be used once. */
export type Invitation = z.output<typeof schema>;

export const writeInvitation = (invitation: Invitation): string =>
  Buffer.from(JSON.stringify(invitation)).toString('base64url');

/** @throws INVALID_ARGUMENT */
export function readInvitation(text: string): Invitation {
  try {
    return schema.parse(JSON.parse(Buffer.from(text.trim(), 'base64url').toString()));
  } catch (cause) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'invitation',
      expected: 'the text that invite gave, whole',
      cause,
    });
  }
}
