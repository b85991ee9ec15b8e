/** The part of oidc-provider 9 that we use; it brings no types (https://github.com/panva/node-oidc-provider). */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface Grant {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  interface RequestContext {
    oidc: { client: { clientId: string }; session: { accountId?: string } };
  }

  export default class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: Readonly<{ login: Readonly<{ accountId: string }> }>,
      options: Readonly<{ mergeWithLastSubmission: boolean }>,
    ): Promise<void>;
    Grant: new (
      properties: Readonly<{ clientId: string; accountId: string | undefined }>,
    ) => Grant;
    AccessToken: {
      find(value: string): Promise<{ accountId: string; isValid: boolean; scopes: Set<string> } | undefined>;
    };
    RefreshToken: { revokeByGrantId(grantId: string): Promise<void> };
    on(event: string, listener: (...values: unknown[]) => void): this;
  }

  export { RequestContext };
}
