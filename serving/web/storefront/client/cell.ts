/** A value that pages share: whoever uses it is drawn again when it changes. */
import { useEffect, useState } from 'preact/hooks';

export interface Cell<Value> {
  get(): Value;
  set(value: Value): void;
  /** Calls back after each change; the answer ends it. */
  watch(changed: () => void): () => void;
}

export function cell<Value>(initial: Value): Cell<Value> {
  let current = initial;
  const watchers = new Set<() => void>();
  return {
    get: () => current,
    set(value) {
      if (Object.is(value, current)) return;
      current = value;
      for (const changed of [...watchers]) changed();
    },
    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
  };
}

/** A cell that outlives the page and follows other tabs. Private windows may refuse to keep it. */
export function keptCell<Value>(key: string, initial: Value): Cell<Value> {
  const kept = cell<Value>(read(key, initial));
  kept.watch(() => {
    try {
      localStorage.setItem(key, JSON.stringify(kept.get()));
    } catch {
      // Full or forbidden: it lasts as long as the tab.
    }
  });
  addEventListener('storage', (event) => {
    if (event.key === key) kept.set(read(key, initial));
  });
  return kept;
}

function read<Value>(key: string, initial: Value): Value {
  try {
    const text = localStorage.getItem(key);
    return text === null ? initial : (JSON.parse(text) as Value);
  } catch {
    return initial;
  }
}

export function useCell<Value>(shown: Cell<Value>): Value {
  const [value, setValue] = useState(shown.get);
  useEffect(() => {
    const changed = () => setValue(() => shown.get());
    changed();
    return shown.watch(changed);
  }, [shown]);
  return value;
}
