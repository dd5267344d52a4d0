/** Starts the storefront in the browser. */
import { render } from 'preact';
import { App } from './app.tsx';
import { loadCart } from './client/cart.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no #app to draw in');
render(<App />, root);
loadCart().catch(() => {
  // The badge stays empty; the cart page says what is wrong.
});
