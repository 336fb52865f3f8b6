/** A presentation context both sides agreed on. */
export interface AcceptedContext {
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntax: string;
  /** Which parts the own side may play in this service. */
  readonly localRoles: { readonly scu: boolean; readonly scp: boolean };
}
