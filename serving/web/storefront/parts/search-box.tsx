/** The search box with suggestions: a combobox as WAI-ARIA describes it, usable by keys alone. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../client/api.ts';
import { useCell } from '../client/cell.ts';
import { navigate, place } from '../client/navigation.tsx';
import { searchUrl } from '../routes.ts';

/** Typing faster than this asks once. */
const PAUSE_MS = 120;
const LIST = 'search-suggestions';

export function SearchBox() {
  const asked = useCell(place).query.get('q') ?? '';
  const [typed, setTyped] = useState(asked);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const suggestions = useSuggestions(isOpen ? typed : '');
  useEffect(() => setTyped(asked), [asked]);

  const search = (text: string) => {
    setTyped(text);
    setOpen(false);
    setChosen(-1);
    navigate(searchUrl({ q: text.trim() }));
  };
  const steer = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setOpen(false);
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0 || suggestions.length === 0) return;
    event.preventDefault();
    const places = suggestions.length + 1;
    setChosen((before) => ((before + 1 + step + places) % places) - 1);
  };
  const shown = isOpen && suggestions.length > 0;
  return (
    <search class="search">
      <form
        action="/search"
        onSubmit={(event) => {
          event.preventDefault();
          search(suggestions[chosen] ?? typed);
        }}
      >
        <label class="unseen" for="q">
          Search the shop
        </label>
        <input
          id="q"
          name="q"
          type="text"
          enterKeyHint="search"
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={shown}
          aria-controls={LIST}
          aria-activedescendant={chosen >= 0 ? `${LIST}-${chosen}` : undefined}
          autocomplete="off"
          maxLength={200}
          placeholder="Green tea, a warm quilt, running shoes …"
          value={typed}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setChosen(-1);
            setOpen(true);
          }}
          onKeyDown={steer}
          onBlur={() => setOpen(false)}
        />
        <button type="submit" class="search-go" aria-label="Search">
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <circle cx="10.5" cy="10.5" r="6.5" />
            <path d="m15.5 15.5 5 5" />
          </svg>
        </button>
      </form>
      <div id={LIST} role="listbox" aria-label="Suggestions" class="suggestions" hidden={!shown}>
        {suggestions.map((text, at) => (
          <div
            key={text}
            id={`${LIST}-${at}`}
            role="option"
            tabIndex={-1}
            aria-selected={at === chosen}
            // Before the box loses the focus, which would close the list.
            onMouseDown={(event) => {
              event.preventDefault();
              search(text);
            }}
          >
            {text}
          </div>
        ))}
      </div>
    </search>
  );
}

function useSuggestions(typed: string): readonly string[] {
  const [suggestions, setSuggestions] = useState<readonly string[]>([]);
  const text = useRef('');
  text.current = typed.trim();
  useEffect(() => {
    const prefix = typed.trim();
    if (prefix.length < 2) {
      setSuggestions([]);
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      const path = `/v1/search/suggest?q=${encodeURIComponent(prefix)}&limit=8`;
      try {
        const answer = await call<{ suggestions: string[] }>('GET', path, { signal: abort.signal });
        if (text.current === prefix) setSuggestions(answer.suggestions);
      } catch {
        // Suggestions are an extra: without them the box still searches.
        setSuggestions([]);
      }
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [typed]);
  return suggestions;
}
