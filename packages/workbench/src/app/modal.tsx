import { type ReactNode, useLayoutEffect, useRef } from 'react';

interface ModalProps {
  /** What it is about, for those who do not see it; else its content says so. */
  readonly label?: string;
  readonly className?: string | undefined;
  readonly close: () => void;
  readonly children: ReactNode;
}

/** A dialog over the page as long as it is rendered: the keys stay in it, and go back to where they were. */
export function Modal({ label, className, close, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    // What React closes to open it once more is open when it is told so.
    <dialog ref={dialog} className={className} aria-label={label} onClose={() => dialog.current?.open || close()}>
      {children}
    </dialog>
  );
}
