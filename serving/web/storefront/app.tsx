/** The frame of every page, and the choice of the page by the address. */
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Announcements } from './client/announce.tsx';
import { useCell } from './client/cell.ts';
import { Link, place, useTitle } from './client/navigation.tsx';
import { AccountPage } from './pages/account-page.tsx';
import { CartPage } from './pages/cart-page.tsx';
import { CheckoutPage } from './pages/checkout-page.tsx';
import { HomePage } from './pages/home-page.tsx';
import { ItemPage } from './pages/item-page.tsx';
import { NotificationsPage } from './pages/notifications-page.tsx';
import { OrderPage } from './pages/order-page.tsx';
import { OrdersPage } from './pages/orders-page.tsx';
import { PaymentPage } from './pages/payment-page.tsx';
import { SearchPage } from './pages/search-page.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';
import { WishlistPage } from './pages/wishlist-page.tsx';
import { Header } from './parts/header.tsx';
import { OfflineNote } from './parts/offline-note.tsx';
import { type Match, match } from './routes.ts';

export function App() {
  const { pathname, isNewPage } = useCell(place);
  const content = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isNewPage) content.current?.focus({ preventScroll: true });
  }, [pathname, isNewPage]);
  return (
    <>
      <Header />
      <OfflineNote />
      <main id="content" tabIndex={-1} ref={content}>
        {pageOf(match(pathname))}
      </main>
      <footer class="foot">
        <p>
          Millrace is a demonstration. Brands, items and couriers are invented; nothing is sold.
          Pincodes: India Post, data.gov.in, under GODL-India.
        </p>
        <p>
          <a href="/dashboard">Dashboard</a> · <a href="/openapi.json">API</a>
        </p>
      </footer>
      <Announcements />
    </>
  );
}

function pageOf(at: Match | undefined): VNode {
  if (at === undefined) return <NoPage />;
  switch (at.path) {
    case '/':
      return <HomePage />;
    case '/search':
      return <SearchPage />;
    case '/items/:id':
      return <ItemPage id={at.id} key={at.id} />;
    case '/cart':
      return <CartPage />;
    case '/sign-in':
      return <SignInPage />;
    case '/account':
      return <AccountPage />;
    case '/checkout':
      return <CheckoutPage />;
    case '/pay/:id':
      return <PaymentPage id={at.id} key={at.id} />;
    case '/orders':
      return <OrdersPage />;
    case '/orders/:id':
      return <OrderPage id={at.id} key={at.id} />;
    case '/wishlist':
      return <WishlistPage />;
    case '/notifications':
      return <NotificationsPage />;
  }
}

function NoPage() {
  useTitle('No such page');
  return (
    <section class="page is-narrow">
      <h1>There is nothing here</h1>
      <p>The address may be old, or mistyped.</p>
      <Link class="button" href="/">
        To the start page
      </Link>
    </section>
  );
}
