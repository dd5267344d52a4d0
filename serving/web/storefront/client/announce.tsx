/** Short messages that are seen for a while and read out by a screen reader. */
import { useEffect } from 'preact/hooks';
import { cell, useCell } from './cell.ts';

interface Message {
  readonly text: string;
  readonly number: number;
}

const message = cell<Message>({ text: '', number: 0 });
const SHOWN_MS = 5_000;

export function announce(text: string): void {
  message.set({ text, number: message.get().number + 1 });
}

export function Announcements() {
  const { text, number } = useCell(message);
  useEffect(() => {
    if (text === '') return;
    const timer = setTimeout(() => message.set({ text: '', number }), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [text, number]);
  return (
    <div class={text === '' ? 'toast' : 'toast is-shown'} role="status" aria-live="polite">
      {text}
    </div>
  );
}
