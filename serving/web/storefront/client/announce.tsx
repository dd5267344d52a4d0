/** Short messages that are seen for a while and read out by a screen reader. */
import { useEffect } from 'preact/hooks';
import { cell, useCell } from './cell.ts';

interface Message {
  readonly text: string;
  readonly number: number;
}

const shown = cell<Message>({ text: '', number: 0 });
const spoken = cell<Message>({ text: '', number: 0 });
const SHOWN_MS = 5_000;

/** Seen and read out. */
export function announce(text: string): void {
  shown.set({ text, number: shown.get().number + 1 });
}

/** Only read out: the page shows the same in its own way. */
export function tell(text: string): void {
  spoken.set({ text, number: spoken.get().number + 1 });
}

export function Announcements() {
  const { text, number } = useCell(shown);
  useEffect(() => {
    if (text === '') return;
    const timer = setTimeout(() => shown.set({ text: '', number }), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [text, number]);
  return (
    <>
      <div class={text === '' ? 'toast' : 'toast is-shown'} role="status" aria-live="polite">
        {text}
      </div>
      <div class="unseen" role="status" aria-live="polite">
        {useCell(spoken).text}
      </div>
    </>
  );
}
