export { buildWebUi } from './build-web-ui.ts';
export { canRunHosts, type HostAbility } from './can-run-hosts.ts';
export type { ClientCertificate } from './client-identity.ts';
export type { DaemonVerb } from './daemon.ts';
export { sweepTestbeds } from './dismantle.ts';
export { type DnsTool, installDnsTools } from './dns-tools.ts';
export { installHostPackages, missingHostPackages } from './host-packages.ts';
export type { GitlabKey, ProvidedAccount } from './identity-provider/gitlab-endpoints.ts';
export {
  type IdentityProviderProcess,
  type ProviderEndpoint,
  type ProviderFault,
  startIdentityProvider,
} from './identity-provider/start-identity-provider.ts';
export { createTestBrowser, type TestBrowser } from './identity-provider/test-browser.ts';
export { buildImage, type ImageAlias, type ImageName } from './image.ts';
export { findLeftovers } from './leftovers.ts';
export { type LongshoreOptions, type LongshoreProcess, startLongshore } from './longshore-process.ts';
export { type BrowserOptions, openBrowser } from './open-browser.ts';
export { attachTestbed, openTestbed, type Testbed, type TestbedOptions } from './open-testbed.ts';
export {
  type ChangeBehind,
  type ChangeOrder,
  type Fault,
  type MadeChange,
  type SimulatedFleet,
  SimulatedHost,
  type SimulatedHostsOptions,
  type SimulationProcess,
  type SimulationProcessOptions,
  startSimulatedHosts,
  startSimulationProcess,
} from './simulated/index.ts';
export type { TestHost } from './test-host.ts';
export { TestbedError, type TestbedErrorCode } from './testbed-error.ts';
export type { HostKind } from './testbed-state.ts';
