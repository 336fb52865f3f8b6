import type { FastifyRequest } from 'fastify';

/** Tokens for programs that ask a person for name and password and know no other way in. */
export interface PasswordTokens {
  /**
   * A token that ends by itself, may do what clients of images need and never more than its owner. Failures count as failed sign-ins.
   *
   * @throws Refusal WRONG_CREDENTIALS, TOO_MANY_REQUESTS, PASSWORD_CHANGE_NEEDED
   */
  issue(
    request: FastifyRequest,
    credentials: { readonly name: string; readonly password: string; readonly client: string },
  ): Promise<string>;
}
