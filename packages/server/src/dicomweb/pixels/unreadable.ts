import { VesaliusError } from '@vesalius/errors';
import { Refusal } from '../../http/refusal.ts';

/** What is wrong with stored pixels is no fault of who asks for them: 406 where no codec can, 409 where they are damaged. */
export function unreadable(error: unknown): unknown {
  if (!(error instanceof VesaliusError)) return error;
  const { what } = error.details;
  if (error.code === 'FILE_UNSUPPORTED')
    return new Refusal('NOT_ACCEPTABLE', { what, got: 'nothing that can convert it' });
  const damaged = ['FILE_FORMAT', 'FILE_TRUNCATED', 'VALUE_INVALID', 'LIMIT_EXCEEDED'].includes(error.code);
  return damaged ? new Refusal('CONFLICT', { what: `stored pixels: ${what}`, got: 'damaged or incomplete' }) : error;
}
