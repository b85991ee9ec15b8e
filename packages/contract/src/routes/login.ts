import { z } from 'zod';
import { ProviderName } from '../resources/identity-provider.ts';
import {
  DisplayName,
  Me,
  PasskeyChallenge,
  PasskeyLogin,
  Password,
  PasswordLogin,
  PersonName,
} from '../resources/person.ts';
import { defineRoute } from '../route.ts';
import { Empty, None } from './schemas.ts';

const browsersOnly =
  'Sets the session as a cookie. Only from pages of this server: with `X-Longshore-CSRF: 1` and without a foreign `Origin`.';

/** Ways in. They are open to anyone, throttled by account and address. */
export const loginRoutes = {
  getLogin: defineRoute({
    id: 'getLogin',
    method: 'GET',
    path: '/v1/login',
    tag: 'login',
    permission: null,
    summary: 'Show the ways to log in',
    params: None,
    query: None,
    body: Empty,
    status: 200,
    reply: z
      .object({
        providers: z
          .array(z.object({ name: z.string(), title: z.string(), kind: z.string() }))
          .describe('Begin with `POST /v1/login/providers/{name}`.'),
        password: z.boolean().describe('Somebody has a password.'),
        passkey: z.boolean().describe('Somebody has a passkey.'),
        setUp: z.boolean().describe('There is no administrator yet: the set-up link makes one.'),
      })
      .meta({ id: 'LoginWays' }),
  }),
  login: defineRoute({
    id: 'login',
    method: 'POST',
    path: '/v1/login',
    tag: 'login',
    permission: null,
    summary: 'Log in by name and password',
    description: `${browsersOnly} Answers \`second-factor-required\` where a code is needed as well: ask again with all three.`,
    params: None,
    query: None,
    body: PasswordLogin,
    status: 200,
    reply: Me,
  }),
  beginPasskeyLogin: defineRoute({
    id: 'beginPasskeyLogin',
    unaudited: true,
    method: 'POST',
    path: '/v1/login/passkey-challenges',
    tag: 'login',
    permission: null,
    summary: 'Begin a login by passkey',
    params: None,
    query: None,
    body: z.strictObject({}),
    status: 201,
    reply: PasskeyChallenge,
  }),
  loginByPasskey: defineRoute({
    id: 'loginByPasskey',
    method: 'POST',
    path: '/v1/login/passkey',
    tag: 'login',
    permission: null,
    summary: 'Log in by passkey',
    description: browsersOnly,
    params: None,
    query: None,
    body: PasskeyLogin,
    status: 200,
    reply: Me,
  }),
  beginProviderLogin: defineRoute({
    id: 'beginProviderLogin',
    unaudited: true,
    method: 'POST',
    path: '/v1/login/providers/{name}',
    tag: 'login',
    permission: null,
    summary: 'Begin a login at an identity provider',
    description:
      'Send the browser to `url`; it comes back to `/login/callback`, and from there to `returnTo` on this server, or to `/ui/login?error=CODE&next=PATH`.',
    params: z.object({ name: ProviderName }).strict(),
    query: None,
    body: z.strictObject({
      returnTo: z
        .string()
        .max(1024)
        .default('/ui/')
        .describe('A path on this server; anything else becomes `/ui/`.'),
    }),
    status: 200,
    reply: z.object({ url: z.string() }),
  }),
  createFirstAdministrator: defineRoute({
    id: 'createFirstAdministrator',
    method: 'POST',
    path: '/v1/setup/account',
    tag: 'login',
    permission: null,
    summary: "Exchange the one-time code of a set-up link for an administrator's account",
    description: browsersOnly,
    params: None,
    query: None,
    body: z.strictObject({
      code: z.string().min(1).max(100),
      name: PersonName,
      displayName: DisplayName,
      password: Password,
    }),
    status: 201,
    reply: Me,
  }),
} as const;
