export type { ApiOptions, ApiSettings } from './api-options.ts';
export { createApi } from './create-api.ts';
export type { MetricSource } from './metrics.ts';
export type { TlsFiles } from './node-server.ts';
export { isWebUiBuilt, registerWebUi } from './web-ui.ts';
