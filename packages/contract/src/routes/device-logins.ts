import { z } from 'zod';
import {
  DeviceLogin,
  DeviceLoginBegun,
  DeviceLoginCreation,
  DeviceLoginResult,
} from '../resources/device-login.ts';
import { defineRoute } from '../route.ts';
import { Empty, None } from './schemas.ts';

const ByCode = z.object({ code: z.string().min(8).max(20) }).strict();

/** How a program without a browser gets a token: a person approves its code at `/device`. */
export const deviceLoginRoutes = {
  beginDeviceLogin: defineRoute({
    id: 'beginDeviceLogin',
    unaudited: true,
    method: 'POST',
    path: '/v1/device-logins',
    tag: 'login',
    permission: null,
    summary: 'Begin the login of a program: it shows a code, which a person approves at /device',
    params: None,
    query: None,
    body: DeviceLoginCreation,
    status: 201,
    reply: DeviceLoginBegun,
  }),
  pollDeviceLogin: defineRoute({
    id: 'pollDeviceLogin',
    unaudited: true,
    method: 'POST',
    path: '/v1/device-logins/poll',
    tag: 'login',
    permission: null,
    summary: 'Ask whether the login was approved; the token comes once',
    params: None,
    query: None,
    body: z.strictObject({ deviceSecret: z.string().min(1).max(100) }),
    status: 200,
    reply: DeviceLoginResult,
  }),
  getDeviceLogin: defineRoute({
    id: 'getDeviceLogin',
    method: 'GET',
    path: '/v1/device-logins/{code}',
    tag: 'login',
    permission: 'self',
    summary: 'Show which program waits under a code',
    params: ByCode,
    query: None,
    body: Empty,
    status: 200,
    reply: DeviceLogin,
  }),
  approveDeviceLogin: defineRoute({
    id: 'approveDeviceLogin',
    method: 'POST',
    path: '/v1/device-logins/{code}/approve',
    tag: 'login',
    permission: 'self',
    summary: 'Let the program in with a token of the own account, for 30 days',
    params: ByCode,
    query: None,
    body: z.strictObject({}),
    status: 204,
    reply: Empty,
  }),
} as const;
