import { z } from 'zod';
import { pageOf, pageQuery } from '../page.ts';
import { ConsoleCreation, ConsoleSession, ConsoleTicket } from '../resources/console.ts';
import { defineRoute } from '../route.ts';
import { ById, Empty, None } from './schemas.ts';

const tag = 'consoles';

/** Consoles of instances: tickets to open them, and who is connected. */
export const consoleRoutes = {
  openConsole: defineRoute({
    id: 'openConsole',
    method: 'POST',
    path: '/v1/instances/{id}/consoles',
    tag,
    permission: 'consoles:open',
    partial: true,
    summary: 'Get a ticket that opens a console once, within a minute',
    params: ById,
    query: None,
    body: ConsoleCreation,
    status: 201,
    reply: ConsoleTicket,
  }),
  listInstanceConsoles: defineRoute({
    id: 'listInstanceConsoles',
    method: 'GET',
    path: '/v1/instances/{id}/consoles',
    tag,
    permission: 'consoles:read',
    partial: true,
    summary: 'Show who is connected to an instance',
    params: ById,
    query: None,
    body: Empty,
    status: 200,
    reply: z.object({ items: z.array(ConsoleSession) }),
  }),
  listConsoles: defineRoute({
    id: 'listConsoles',
    method: 'GET',
    path: '/v1/consoles',
    tag,
    permission: 'consoles:read',
    partial: true,
    summary: 'Show who is connected to any instance, the newest first',
    params: None,
    query: pageQuery(['startedAt']).omit({ sort: true, filter: true }).strict(),
    body: Empty,
    status: 200,
    reply: pageOf(ConsoleSession).meta({ id: 'ConsolePage' }),
  }),
  endConsole: defineRoute({
    id: 'endConsole',
    method: 'DELETE',
    path: '/v1/consoles/{id}',
    tag,
    permission: 'consoles:open',
    partial: true,
    summary: "End a session: one's own, or with `consoles:end` anyone's",
    params: ById,
    query: None,
    body: Empty,
    status: 204,
    reply: Empty,
  }),
} as const;
