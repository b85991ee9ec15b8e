export { buildWebUi } from '@longshore/testbed';
