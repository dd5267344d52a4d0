/** Whether this device has a network, as far as the browser knows. */
import { cell } from './cell.ts';

export const isOnline = cell<boolean>(navigator.onLine);

addEventListener('online', () => isOnline.set(true));
addEventListener('offline', () => isOnline.set(false));
