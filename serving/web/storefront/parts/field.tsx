/** A labelled text field. */
import type { InputHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly type?: 'text' | 'email' | 'password' | 'tel';
  readonly autocomplete?: string;
  readonly inputMode?: 'text' | 'numeric' | 'tel' | 'email';
  readonly hint?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly required?: boolean;
}

export function Field({ label, set, hint, required = true, type = 'text', ...rest }: FieldProps) {
  const id = useId();
  // Each type of input has props of its own, which one `type` that varies cannot satisfy.
  const attributes = { ...rest, id, type, required } as InputHTMLAttributes<HTMLInputElement>;
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <input
        {...attributes}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onInput={(event) => set(event.currentTarget.value)}
      />
      {hint && (
        <span class="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </p>
  );
}
