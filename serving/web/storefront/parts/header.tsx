/** The head of every page: the name, the search, the pincode, and the ways to one's own things. */
import { cart } from '../client/cart.ts';
import { useCell } from '../client/cell.ts';
import { Link, place } from '../client/navigation.tsx';
import { useUnreadNews } from '../client/news.ts';
import { isGuest, session } from '../client/session.ts';
import { PincodeBox } from './pincode-box.tsx';
import { SearchBox } from './search-box.tsx';

export function Header() {
  const { pathname } = useCell(place);
  const guest = isGuest(useCell(session));
  const units = useCell(cart)?.lines.reduce((sum, line) => sum + line.quantity, 0) ?? 0;
  const unread = useUnreadNews();
  const link = (href: string, text: string) => (
    <Link href={href} current={pathname === href}>
      {text}
    </Link>
  );
  return (
    <header class="head">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <div class="head-row">
        <Link class="name" href="/" label="Millrace, start page">
          <Mark />
          <span>Millrace</span>
        </Link>
        <SearchBox />
        <PincodeBox />
        <nav class="ways" aria-label="Your things">
          {link('/wishlist', 'Wishlist')}
          {!guest && link('/orders', 'Orders')}
          {!guest && (
            <Link
              href="/notifications"
              current={pathname === '/notifications'}
              label={unread > 0 ? `News, ${unread} unread` : 'News'}
            >
              News
              {unread > 0 && <span class="badge is-news">{unread > 9 ? '9+' : unread}</span>}
            </Link>
          )}
          {guest ? link('/sign-in', 'Sign in') : link('/account', 'Account')}
          <Link
            class="cart-link"
            href="/cart"
            current={pathname === '/cart'}
            label={`Cart, ${units} ${units === 1 ? 'item' : 'items'}`}
          >
            Cart
            <span class={units > 0 ? 'badge is-cart' : 'badge is-cart is-empty'}>{units}</span>
          </Link>
        </nav>
      </div>
    </header>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <g class="mark-wheel">
        <circle cx="16" cy="12.5" r="7.5" />
        <path d="M16 5v15M8.500 12.500h15M10.700 7.200l10.600 10.600M21.300 7.200 10.700 17.800" />
      </g>
      <path
        class="mark-water"
        d="M3 25.500c3.200-3.200 5.400-3.200 8.600 0s5.400 3.200 8.600 0 5.400-3.200 8.600 0"
      />
    </svg>
  );
}
