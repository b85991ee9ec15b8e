import { fileURLToPath } from 'node:url';
import { isWebUiBuilt } from '@longshore/api';

/** Where `npm run build` puts the browser UI. */
export const WEB_UI = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** Where a set-up link leads: the browser UI's page, or the server's own where no UI is built. */
export const SETUP_PATH = isWebUiBuilt(WEB_UI) ? '/ui/setup' : '/setup';
