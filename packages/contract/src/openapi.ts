import { z } from 'zod';
import { errorCodes } from './error-codes.ts';
import { Problem } from './problem.ts';
import { HostProbe } from './resources/host.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

type Json = { [key: string]: unknown };

/** Converts schemas to JSON Schema and collects what has an `id` as components of the document. */
function schemaWriter(components: Json) {
  const rewrite = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(rewrite);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) =>
        key === '$ref' && typeof value === 'string'
          ? [key, value.replace('#/$defs/', '#/components/schemas/')]
          : [key, rewrite(value)],
      ),
    );
  };
  return (schema: z.ZodType, io: 'input' | 'output'): Json => {
    const json: Json = { ...z.toJSONSchema(schema, { io, unrepresentable: 'any' }) };
    const { $schema: _, $defs: defs, id, ...rest } = json;
    for (const [name, definition] of Object.entries((defs ?? {}) as Json)) {
      const { id: __, ...body } = rewrite(definition) as Json;
      components[name] = body;
    }
    const body = rewrite(rest) as Json;
    if (typeof id !== 'string') return body;
    components[id] = body;
    return { $ref: `#/components/schemas/${id}` };
  };
}

function isEmpty(schema: z.ZodType): boolean {
  return schema instanceof z.ZodUndefined;
}

function parametersOf(route: Route, write: (schema: z.ZodType, io: 'input' | 'output') => Json): Json[] {
  const list = (where: 'path' | 'query', schema: z.ZodType): Json[] => {
    const { properties = {}, required = [] } = write(schema, 'input') as {
      properties?: Json;
      required?: string[];
    };
    return Object.entries(properties).map(([name, body]) => ({
      name,
      in: where,
      required: where === 'path' || required.includes(name),
      schema: body,
    }));
  };
  const headers: Json[] = [];
  if (route.etag === 'required')
    headers.push({ name: 'If-Match', in: 'header', required: true, schema: { type: 'string' } });
  if (route.status === 202) {
    headers.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      schema: { type: 'string', maxLength: 255 },
    });
  }
  if (route.stream === 'events')
    headers.push({ name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string' } });
  return [...list('path', route.params), ...list('query', route.query), ...headers];
}

function replyOf(route: Route, write: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  const headers = route.etag === undefined ? {} : { headers: { ETag: { schema: { type: 'string' } } } };
  if (route.stream === 'reply') {
    return {
      description: 'The file',
      content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
    };
  }
  if (route.stream === 'events') {
    return {
      description: 'The stream',
      content: { 'text/event-stream': { schema: write(route.reply, 'input') } },
    };
  }
  if (isEmpty(route.reply)) return { description: 'Done' };
  return {
    description: 'Done',
    ...headers,
    content: { 'application/json': { schema: write(route.reply, 'input') } },
  };
}

/** The OpenAPI 3.1 description of the whole API (https://spec.openapis.org/oas/v3.1.1), derived from the routes. */
export function openApi(version: string): Json {
  const components: Json = {};
  const write = schemaWriter(components);
  const problem = write(Problem, 'output');
  write(HostProbe, 'output'); // no route answers with it: it is the result of an operation
  const paths: Record<string, Json> = {};
  for (const route of Object.values(routes) as Route[]) {
    const body =
      route.stream === 'request'
        ? {
            requestBody: {
              required: true,
              content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
            },
          }
        : isEmpty(route.body)
          ? {}
          : {
              requestBody: {
                required: !route.body.safeParse({}).success,
                content: { 'application/json': { schema: write(route.body, 'input') } },
              },
            };
    const path = paths[route.path] ?? {};
    path[route.method.toLowerCase()] = {
      operationId: route.id,
      tags: [route.tag],
      summary: route.summary,
      ...(route.description === undefined ? {} : { description: route.description }),
      ...(route.permission === null ? { security: [] } : { 'x-permission': route.permission }),
      parameters: parametersOf(route, write),
      ...body,
      responses: {
        [route.status]: replyOf(route, write),
        default: { description: 'What failed', content: { 'application/problem+json': { schema: problem } } },
      },
    };
    paths[route.path] = path;
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Longshore',
      version,
      description: `One private cloud out of independent LXD and Incus hosts. Error codes: ${errorCodes.join(', ')}.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    components: { schemas: components, securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  };
}
