/** What the API answers, as far as the pages use it. @see /openapi.json */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export interface Delivery {
  readonly deliverable: boolean;
  readonly promisedBy: string | null;
  readonly promisedDate: string | null;
  readonly fee: Money | null;
  readonly from: { readonly warehouseId: string; readonly city: string } | null;
  readonly cashOnDelivery: boolean;
  readonly reason?: string;
}

export interface ItemSummary {
  readonly sku: string;
  readonly itemId: string;
  readonly title: string;
  readonly brand: string;
  readonly category: string;
  readonly price: Money;
  readonly imageUrl: string | null;
  readonly delivery?: Delivery | null;
}

/** An item that the shop thinks of by itself, and why. */
export interface Suggestion extends Omit<ItemSummary, 'itemId' | 'delivery'> {
  readonly id: string;
  readonly reason: string;
}

export interface Facet {
  readonly value: string;
  readonly count: number;
}

export interface SearchAnswer {
  readonly hits: readonly ItemSummary[];
  readonly total: number;
  readonly facets: { readonly category: readonly Facet[]; readonly brand: readonly Facet[] };
  readonly correctedQuery: string | null;
  readonly nextCursor: string | null;
}

export interface Item {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly description: string;
  readonly brand: string;
  readonly category: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly price: Money;
  readonly weightGrams: number;
  readonly cashOnDelivery: boolean;
  readonly imageUrl: string | null;
  readonly availability?: { readonly inStock: boolean; readonly units: number };
  readonly delivery?: Delivery | null;
}

export interface PromiseOption {
  readonly warehouseId: string;
  readonly city: string;
  readonly courierId: string;
  readonly promisedBy: string;
  readonly promisedDate: string;
  readonly fee: Money;
  readonly cashOnDelivery: boolean;
}

export interface CartLine {
  readonly sku: string;
  readonly itemId: string;
  readonly title: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly lineTotal: Money;
}

export interface Cart {
  readonly lines: readonly CartLine[];
  readonly total: Money;
  readonly notices: readonly { readonly sku: string; readonly message: string }[];
  /** Grows with each change. */
  readonly version: number;
}

export interface Wishlist {
  readonly lines: readonly {
    readonly sku: string;
    readonly itemId: string;
    readonly title: string;
  }[];
}

export interface Address {
  readonly id: string;
  readonly name: string;
  readonly lines: readonly string[];
  readonly city: string;
  readonly pincode: string;
  readonly phone: string;
}

export interface Shipment {
  readonly id: string;
  readonly warehouseId: string;
  readonly courierId: string;
  readonly status: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly fee: Money;
  readonly promisedBy: string;
}

export interface Payment {
  readonly id: string;
  readonly status: string;
  readonly expiresAt: string | null;
  readonly amount?: Money;
  readonly refunded?: Money;
}

export interface Order {
  readonly id: string;
  readonly status: string;
  readonly lines: readonly (CartLine & { readonly returned: number })[];
  readonly shipments: readonly Shipment[];
  readonly address: Omit<Address, 'id'>;
  readonly paymentMethod: 'prepaid' | 'cash-on-delivery';
  readonly payment: Payment | null;
  readonly itemsTotal: Money;
  readonly deliveryFee: Money;
  readonly total: Money;
  readonly timeline: readonly { readonly status: string; readonly at: string }[];
  readonly cancelReason: string | null;
  readonly createdAt: string;
}

export interface Stock {
  readonly sku: string;
  readonly warehouses: readonly StockOfWarehouse[];
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}

export interface StockOfWarehouse {
  readonly id: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}

export interface Warehouse {
  readonly id: string;
  readonly city: string;
}

export interface Notification {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly body: string;
  readonly orderId: string | null;
  readonly at: string;
}

export interface ProblemBody {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly lines?: readonly {
    readonly sku: string;
    readonly code: string;
    readonly requested?: number | string;
    readonly available?: number | string;
  }[];
}
