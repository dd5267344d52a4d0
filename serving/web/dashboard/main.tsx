/** Starts the dashboard in the browser. */
import { render } from 'preact';
import { Dashboard } from './dashboard.tsx';

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no #app to draw in');
render(<Dashboard />, root);
