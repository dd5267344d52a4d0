/** Why an order is cancelled or sent back. */
import { useId } from 'preact/hooks';
import { sentence } from '../client/format.ts';

export interface ReasonChoiceProps {
  readonly reasons: readonly string[];
  readonly reason: string;
  readonly choose: (reason: string) => void;
}

export function ReasonChoice({ reasons, reason, choose }: ReasonChoiceProps) {
  const id = useId();
  return (
    <p class="field">
      <label for={id}>Reason</label>
      <select id={id} value={reason} onChange={(event) => choose(event.currentTarget.value)}>
        {reasons.map((each) => (
          <option key={each} value={each}>
            {sentence(each)}
          </option>
        ))}
      </select>
    </p>
  );
}
