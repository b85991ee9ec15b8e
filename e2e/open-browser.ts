export { openBrowser } from '@longshore/testbed';
