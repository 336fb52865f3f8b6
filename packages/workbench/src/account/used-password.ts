let used = '';

/** The one that was just signed in with: to change it, it need not be typed again. */
export function rememberPassword(password: string): void {
  used = password;
}

export function takePassword(): string {
  const password = used;
  used = '';
  return password;
}

export const knowsPassword = (): boolean => used !== '';
