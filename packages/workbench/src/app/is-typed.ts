const TYPED = 'input:not([type="range"], [type="radio"], [type="checkbox"]), textarea, select';

/** Whether keys there are text or choose something, or belong to a dialog over the page: shortcuts leave them alone. */
export function isTyped(target: EventTarget | null): boolean {
  if (document.querySelector('dialog[open]')) return true;
  return target instanceof HTMLElement && target.closest(TYPED) !== null;
}
