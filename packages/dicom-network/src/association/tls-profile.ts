import type { TlsOptions } from 'node:tls';

/**
 * The BCP 195 profile that DICOM asks for, to be joined with a key and a certificate: TLS 1.2 or later, ephemeral key exchange and
 * authenticated ciphers only.
 *
 * @source PS3.15 B.12; RFC 9325 4.2
 */
export const BCP_195 = {
  minVersion: 'TLSv1.2',
  honorCipherOrder: true,
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_AES_128_GCM_SHA256',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
  ].join(':'),
} as const satisfies TlsOptions;
