import { badRequest, notAcceptable } from '../refusals.ts';
import { parseMediaType, splitOutsideQuotes } from './media-type.ts';

/** One form a resource can be given in. */
export interface Offer {
  /** Of the content, or of each part of a multipart body. */
  readonly type: string;
  readonly multipart: boolean;
  readonly transferSyntax?: string;
  /** As it lies in the archive: what `transfer-syntax=*` asks for. */
  readonly stored?: boolean;
  /** Only for who names this transfer syntax, or `*`. */
  readonly onlyNamed?: boolean;
}

/** One media range of an Accept header: PS3.18 8.7.4, RFC 9110 12.5.1. */
interface Range {
  readonly type: string;
  /** Nothing where the range leaves it open. */
  readonly multipart?: boolean;
  readonly transferSyntax?: string;
  readonly quality: number;
}

const OTHER_NAMES: Readonly<Record<string, string>> = {
  'image/x-dicom-rle': 'image/dicom-rle',
  'image/x-jls': 'image/jls',
  'image/jpg': 'image/jpeg',
  'application/json': 'application/dicom+json',
  'application/xml': 'application/dicom+xml',
  'text/xml': 'application/dicom+xml',
};

/**
 * The offer that an Accept header likes best; of those it likes alike the first, and those as stored for `transfer-syntax=*`.
 *
 * @param offers - by the server's own preference
 * @throws 406 where none fits, 400 for a header that is none
 */
export function chooseOffer<T extends Offer>(header: string | undefined, offers: readonly T[]): T {
  const ranges = parseAccept(header);
  for (const range of [...ranges].sort((a, b) => b.quality - a.quality)) {
    const fitting = offers.filter((offer) => fits(range, offer) && qualityOf(offer, ranges) > 0);
    const best = range.transferSyntax === '*' ? fitting.find(({ stored }) => stored) : undefined;
    const chosen = best ?? fitting[0];
    if (chosen !== undefined) return chosen;
  }
  throw notAcceptable([...new Set(offers.map(show))]);
}

function parseAccept(header: string | undefined): Range[] {
  const texts = splitOutsideQuotes(header ?? '', ',');
  return texts.length === 0 ? [{ type: '*/*', quality: 1 }] : texts.map(parseRange);
}

function parseRange(text: string): Range {
  const media = parseMediaType(text === '*' ? '*/*' : text);
  const quality = Number(media?.parameters.get('q') ?? 1);
  if (media === undefined || !(quality >= 0 && quality <= 1)) throw badRequest('Accept header');
  const multipart = media.type === 'multipart/related' || media.type === 'multipart/*';
  const type = multipart ? (media.parameters.get('type') ?? '*/*').toLowerCase() : media.type;
  const transferSyntax = media.parameters.get('transfer-syntax');
  return {
    type: OTHER_NAMES[type] ?? type,
    ...(multipart ? { multipart } : type === '*/*' ? {} : { multipart: false }),
    ...(transferSyntax ? { transferSyntax } : {}),
    quality,
  };
}

/** RFC 9110 12.5.1: the most specific range decides. */
function qualityOf(offer: Offer, ranges: readonly Range[]): number {
  const fitting = ranges.filter((range) => fits(range, offer));
  const specific = Math.max(...fitting.map(specificity));
  return Math.max(...fitting.filter((range) => specificity(range) === specific).map(({ quality }) => quality));
}

function specificity({ type, transferSyntax }: Range): number {
  return (type === '*/*' ? 0 : type.endsWith('/*') ? 2 : 4) + (transferSyntax && transferSyntax !== '*' ? 1 : 0);
}

function fits(range: Range, offer: Offer): boolean {
  if (range.multipart !== undefined && range.multipart !== offer.multipart) return false;
  if (range.type !== '*/*' && range.type !== offer.type && range.type !== `${offer.type.split('/')[0]}/*`) return false;
  if (range.transferSyntax === undefined) return offer.onlyNamed !== true;
  // What has no transfer syntax, such as JSON, fits any.
  return range.transferSyntax === '*' || (offer.transferSyntax ?? range.transferSyntax) === range.transferSyntax;
}

function show({ type, multipart, transferSyntax }: Offer): string {
  const kind = multipart ? `multipart/related; type="${type}"` : type;
  return transferSyntax === undefined ? kind : `${kind}; transfer-syntax=${transferSyntax}`;
}
