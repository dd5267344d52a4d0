/**
 * Payments: one charge an order, whatever the gateway repeats or reorders.
 *
 *   payments.commands ──▶ decide-payments ──┬──▶ payments.state
 *                            │  ▲           ├──▶ payments.outcomes  (by order)
 *                            ▼  │           ├──▶ payments.gateway-requests
 *                     payment-facts         └──▶ commands.replies
 */
import { PaymentId } from '#schemas/orders';
import {
  gatewayRequests,
  Payment,
  type PaymentCommand,
  paymentCommands,
  paymentOutcomes,
  payments,
} from '#schemas/payments';
import { type CommandReply, commandReplies } from '#schemas/replies';
import { keyValueStore, StreamsBuilder, type Topology } from '#streams';
import { decide, unrequested } from './payment.ts';

const paymentFacts = keyValueStore('payment-facts', { key: PaymentId, value: Payment });

export function paymentsTopology(): Topology {
  const builder = new StreamsBuilder();

  const decisions = builder.stream(paymentCommands).processValues('decide-payments', {
    stores: { paymentFacts },
    process: ({ key: paymentId, value: command, timestampMs }, { paymentFacts }) => {
      const before = paymentFacts.get(paymentId) ?? unrequested(paymentId);
      const decision = decide(before, command, timestampMs);
      const changed = decision.payment !== before;
      if (changed) paymentFacts.put(paymentId, decision.payment);
      return [{ ...decision, changed, reply: replyTo(command, decision.payment.version) }];
    },
  });

  decisions
    .filter(({ changed }) => changed)
    .mapValues(({ payment }) => payment)
    .to(payments);
  decisions
    .flatMap(({ value: { outcomes, payment } }) =>
      outcomes.map((value) => ({ key: payment.orderId, value })),
    )
    .to(paymentOutcomes);
  decisions.flatMapValues(({ requests }) => requests).to(gatewayRequests);
  decisions.flatMapValues(({ reply }) => (reply ? [reply] : [])).to(commandReplies);

  return builder.build();
}

/** Only a webhook waits for an answer, and everything it says is taken note of. */
function replyTo(command: PaymentCommand, version: number): CommandReply | undefined {
  if (command.type !== 'RecordGatewayEvent') return undefined;
  const { commandId } = command;
  return { commandId, outcome: 'accepted', version, code: null, message: null, details: [] };
}
