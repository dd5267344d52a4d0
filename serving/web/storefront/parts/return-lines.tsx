/** Sends delivered units back: how many of each line, and why. */
import { useState } from 'preact/hooks';
import { announce } from '../client/announce.tsx';
import { call, newKey, type Refused } from '../client/api.ts';
import { type ReturnableLine, returnableLines } from '../client/returnable.ts';
import { asRefused } from '../client/use-load.ts';
import type { OrderChangeProps } from './cancel-order.tsx';
import { ProblemNote } from './problem-note.tsx';
import { ReasonChoice } from './reason-choice.tsx';

const reasons = [
  'not as described',
  'damaged on its way',
  'wrong item',
  'changed my mind',
  'another reason',
] as const;

export function ReturnLines({ order, changed }: OrderChangeProps) {
  const [isAsked, setAsked] = useState(false);
  const lines = returnableLines(order);
  if (lines.length === 0) return null;
  if (!isAsked) {
    return (
      <button type="button" class="button is-quiet" onClick={() => setAsked(true)}>
        Send something back
      </button>
    );
  }
  const done = () => {
    setAsked(false);
    changed();
  };
  return <ReturnForm order={order} lines={lines} changed={done} keep={() => setAsked(false)} />;
}

interface ReturnFormProps extends OrderChangeProps {
  readonly lines: readonly ReturnableLine[];
  readonly keep: () => void;
}

function ReturnForm({ order, lines, changed, keep }: ReturnFormProps) {
  const [units, setUnits] = useState<Readonly<Record<string, number>>>({});
  const [reason, setReason] = useState<string>(reasons[0]);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Refused>();
  const chosen = lines
    .map(({ sku }) => ({ sku, quantity: units[sku] ?? 0 }))
    .filter(({ quantity }) => quantity > 0);

  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const path = `/v1/orders/${encodeURIComponent(order.id)}/returns`;
      await call('POST', path, { body: { lines: chosen, reason }, key: newKey() });
      announce('Thank you, we have noted your return');
      changed();
    } catch (error) {
      setProblem(asRefused(error));
      setBusy(false);
    }
  };
  return (
    <form class="order-change" onSubmit={(event) => void send(event)}>
      <h2>What goes back?</h2>
      {problem && <ProblemNote problem={problem} />}
      {lines.map((line) => (
        <UnitsChoice
          key={line.sku}
          line={line}
          chosen={units[line.sku] ?? 0}
          choose={(quantity) => setUnits((before) => ({ ...before, [line.sku]: quantity }))}
        />
      ))}
      <ReasonChoice reasons={reasons} reason={reason} choose={setReason} />
      <p class="quiet">The price of what comes back is refunded; the delivery fee is not.</p>
      <p class="button-row">
        <button type="submit" class="button" disabled={isBusy || chosen.length === 0}>
          Send it back
        </button>
        <button type="button" class="button is-quiet" onClick={keep}>
          Keep everything
        </button>
      </p>
    </form>
  );
}

interface UnitsChoiceProps {
  readonly line: ReturnableLine;
  readonly chosen: number;
  readonly choose: (units: number) => void;
}

function UnitsChoice({ line, chosen, choose }: UnitsChoiceProps) {
  return (
    <label class="units-choice">
      <span>{line.title}</span>
      <select
        value={String(chosen)}
        onChange={(event) => choose(Number(event.currentTarget.value))}
      >
        {Array.from({ length: line.units + 1 }, (_, units) => (
          <option key={units} value={String(units)}>
            {units === 0 ? 'keep' : `${units} of ${line.units}`}
          </option>
        ))}
      </select>
    </label>
  );
}
