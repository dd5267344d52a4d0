/** What the shop answers, as far as the tests read it. */

export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export interface SessionReply {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly userId: string;
}

export interface ItemReply {
  readonly id: string;
  readonly sku: string;
  readonly version: number;
}

export interface CartReply {
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly total: Money;
}

export interface ShipmentReply {
  readonly id: string;
  readonly warehouseId: string;
  readonly promisedBy: string;
  readonly status: string;
  readonly fee: Money;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

export interface OrderReply {
  readonly id: string;
  readonly status: string;
  readonly lines: readonly {
    readonly sku: string;
    readonly quantity: number;
    readonly returned: number;
  }[];
  readonly shipments: readonly ShipmentReply[];
  readonly paymentMethod: string;
  readonly total: Money;
  readonly payment: {
    readonly id: string;
    readonly status: string;
    readonly expiresAt: string | null;
  };
  readonly timeline: readonly { readonly status: string; readonly at: string }[];
}

export interface StockReply {
  readonly sku: string;
  readonly warehouses: readonly {
    readonly id: string;
    readonly onHand: number;
    readonly reserved: number;
    readonly available: number;
  }[];
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}

export interface SearchHitReply {
  readonly sku: string;
  readonly itemId: string;
  readonly title: string;
  readonly price: Money;
  readonly delivery: {
    readonly deliverable: boolean;
    readonly promisedBy: string | null;
    readonly promisedDate: string | null;
    readonly fee: Money | null;
    readonly from: { readonly warehouseId: string; readonly city: string } | null;
  } | null;
}

export interface SearchReply {
  readonly hits: readonly SearchHitReply[];
  readonly total: number;
  readonly correctedQuery: string | null;
  readonly nextCursor: string | null;
}

/** The problem that a refused order answers. */
export interface RefusalReply {
  readonly code: string;
  readonly lines?: readonly { readonly sku: string; readonly code: string }[];
}
