import { z } from 'zod';
import { Id, Timestamp } from '../names.ts';
import { DisplayName } from './person.ts';

/** Short name of a provider: stands in addresses, and before the names of its groups (`gitlab:infra`). */
export const ProviderName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'use 1 to 32 lower-case letters, digits and hyphens');

/** `https://…`; plain HTTP only to this machine itself, for tests. */
export const IssuerUrl = z
  .url({ protocol: /^https?$/ })
  .max(512)
  .refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || url.hash !== '' || url.search !== '' || url.username !== '') return false;
    return url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  }, 'give an https address without query');

const OAuthScope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/);

const settings = {
  title: DisplayName.describe('On the button of the login page.'),
  issuer: IssuerUrl,
  clientId: z.string().min(1).max(255),
  scopes: z.array(OAuthScope).max(20).describe('Beside `openid`.'),
  groupsClaim: z.string().min(1).max(100).describe('The claim that lists the groups of a person.'),
  enabled: z.boolean(),
};

/** An identity provider; its client secret is never shown. */
export const IdentityProvider = z
  .object({
    id: Id,
    name: z.string(),
    kind: z.enum(['oidc', 'gitlab']),
    ...settings,
    createdAt: Timestamp,
    lastFailure: z
      .string()
      .nullable()
      .describe('Why the last exchange with it failed; null when it did not.'),
    lastFailureAt: Timestamp.nullable(),
  })
  .meta({ id: 'IdentityProvider' });
export type IdentityProvider = z.infer<typeof IdentityProvider>;

const Secret = z.string().min(1).max(512);

export const IdentityProviderCreation = z
  .strictObject({
    name: ProviderName,
    kind: z.enum(['oidc', 'gitlab']),
    ...settings,
    clientSecret: Secret,
    scopes: settings.scopes.default(['profile', 'email']),
    groupsClaim: settings.groupsClaim.default('groups'),
    enabled: settings.enabled.default(true),
  })
  .meta({ id: 'IdentityProviderCreation' });
export type IdentityProviderCreation = z.infer<typeof IdentityProviderCreation>;

/** What may be changed; another issuer is another provider. */
export const IdentityProviderPatch = z
  .strictObject({
    title: settings.title,
    clientId: settings.clientId,
    clientSecret: Secret,
    scopes: settings.scopes,
    groupsClaim: settings.groupsClaim,
    enabled: settings.enabled,
  })
  .partial()
  .meta({ id: 'IdentityProviderPatch' });
export type IdentityProviderPatch = z.infer<typeof IdentityProviderPatch>;

/** How a provider stood when it was asked just now; no person's data is in it. */
export const IdentityProviderTest = z
  .object({
    ok: z.boolean(),
    failure: z.string().nullable().describe('Why it cannot be used.'),
    warnings: z.array(z.string()).describe('What works, but not as it is set up here.'),
    issuer: z.string().nullable().describe('As it calls itself.'),
    authorizationUrl: z.string().nullable(),
    callbackUrl: z.string().nullable().describe('The redirect address to enter there.'),
  })
  .meta({ id: 'IdentityProviderTest' });
export type IdentityProviderTest = z.infer<typeof IdentityProviderTest>;
