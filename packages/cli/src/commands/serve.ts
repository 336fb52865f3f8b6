import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';
import { SERVER_OPTIONS } from './server-options.ts';

export const SERVE_OPTIONS = {
  ...SERVER_OPTIONS,
  host: { type: 'text', value: 'ADDRESS', summary: 'address to listen on; only this machine without it' },
  port: {
    type: 'number',
    value: 'N',
    summary: 'port of HTTP; 8080 without it',
    integer: true,
    minimum: 0,
    maximum: 65535,
  },
  'dimse-port': {
    ...{ type: 'number', value: 'N', summary: 'port of DIMSE; 11112 without it' },
    ...{ integer: true, minimum: 0, maximum: 65535 },
  },
  'federation-port': {
    ...{ type: 'number', value: 'N', summary: 'port for sites of federations; takes none without it' },
    ...{ integer: true, minimum: 0, maximum: 65535 },
  },
  'ae-title': { type: 'text', value: 'TITLE', summary: 'our DICOM application entity; VESALIUS without it' },
  'no-samples': { type: 'flag', summary: 'leave the archive empty on the first start' },
} as const satisfies OptionRecord;

export const serve = defineCommand({
  name: 'serve',
  summary: 'the archive: DICOMweb, DIMSE and FHIR, on this machine',
  usage: '',
  details: `Answers on 127.0.0.1:8080 and, by DIMSE, on port 11112; everything is kept in ./vesalius-data.
The first start makes the user admin and prints a one-time password once; it imports some real sample scans.
A settings file (JSON) says more: TLS, peers, PostgreSQL, S3, OpenID Connect, watched folders. Environment
variables (VESALIUS_HOST, VESALIUS_HTTP_PORT, VESALIUS_DATABASE, ...) go before the file, options before both.`,
  options: SERVE_OPTIONS,
  run: async (args, context) => (await import('./run-serve.ts')).runServe(args, context),
});
