/** Payments by id. Fed by `payments.state`. */
import type { PaymentId } from '#schemas/orders';
import type { Payment } from '#schemas/payments';
import type { ViewReader, ViewWriter } from './view.ts';

export interface PaymentsView extends ViewReader {
  get(id: PaymentId): Promise<Payment | undefined>;
}

export interface PaymentsWriter extends ViewWriter<PaymentId, Payment> {}
