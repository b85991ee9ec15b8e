import { ERROR_CODES, openApi, type Route, routes } from '@longshore/contract';
import { z } from 'zod';
import { escapeHtml, type Page, pageOf } from './page.ts';

const Schema = z.record(z.string(), z.unknown());
const Document = z.object({
  components: z.object({ schemas: z.record(z.string(), Schema) }),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        parameters: z.array(
          z.object({ name: z.string(), in: z.string(), required: z.boolean(), schema: Schema }),
        ),
        requestBody: z.object({ content: z.record(z.string(), z.object({ schema: Schema })) }).optional(),
        responses: z.record(
          z.string(),
          z.object({ content: z.record(z.string(), z.object({ schema: Schema })).optional() }),
        ),
      }),
    ),
  ),
});
type Operation = z.infer<typeof Document>['paths'][string][string];

/** The description of the API for people: every route with its fields, every object, every error. */
export function docsPage(version: string): Page {
  const document = Document.parse(openApi(version));
  const byTag = Map.groupBy(Object.values(routes) as readonly Route[], (route) => route.tag);
  const sections = [...byTag].map(([tag, list]) => {
    const parts = list.map((route) => {
      const operation = document.paths[route.path]?.[route.method.toLowerCase()];
      return operation === undefined ? '' : routePart(route, operation);
    });
    return `<h2 id="${escapeHtml(tag)}">${escapeHtml(tag)}</h2>${parts.join('')}`;
  });
  const objects = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      `<h3 id="object-${escapeHtml(name)}">${escapeHtml(name)}</h3>${descriptionOf(schema)}${shape(schema)}`,
  );
  const errors = Object.entries(ERROR_CODES).map(
    ([code, { status, title }]) =>
      `<tr id="error-${code}"><td><code>${code}</code></td><td>${status}</td><td>${escapeHtml(title)}</td></tr>`,
  );
  const links = [...byTag.keys(), 'objects', 'errors'].map(
    (tag) => `<a href="#${escapeHtml(tag)}">${escapeHtml(tag)}</a>`,
  );
  return pageOf(
    'Longshore API',
    `<h1>Longshore API</h1><p class="dim">Version ${escapeHtml(version)}, as <a href="/v1/openapi.json">OpenAPI 3.1</a></p>
<p>Send a token as <code>Authorization: Bearer lsh_…</code>. Every change answers 202 with an operation once it is remembered;
<code>GET /v1/operations/{id}?waitSeconds=60</code> tells how it went. With an <code>Idempotency-Key</code> a change can be
asked for again without being done twice.</p>
<nav>${links.join('')}</nav>${sections.join('')}
<h2 id="objects">objects</h2>${objects.join('')}
<h2 id="errors">errors</h2><p>Errors are problems (RFC 9457) with one of these codes; <code>hint</code> says what to do.</p>
<table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead><tbody>${errors.join('')}</tbody></table>`,
  );
}

function routePart(route: Route, operation: Operation): string {
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  const reply = Object.values(operation.responses[String(route.status)]?.content ?? {})[0]?.schema;
  const parameters = operation.parameters.map(
    (each) =>
      `<tr><td><code>${escapeHtml(each.name)}</code></td><td>${each.in}${each.required ? ', required' : ''}</td><td>${typeOf(each.schema)} ${note(each.schema)}</td></tr>`,
  );
  return `<h3 id="${route.id}"><span class="method">${route.method}</span> <code>${escapeHtml(route.path)}</code></h3>
<p>${prose(route.summary)}. ${prose(route.description ?? '')} <span class="dim">${
    route.permission === null ? 'Needs no token.' : `Needs <code>${route.permission}</code>.`
  }</span></p>${parameters.length === 0 ? '' : `<table>${parameters.join('')}</table>`}${
    body === undefined ? '' : `<p>Body:</p>${shape(body)}`
  }<p>Answers ${route.status}${reply === undefined ? '.' : `: ${typeOf(reply)}`}</p>`;
}

/** The fields of a schema as a table; its type where it has none. */
function shape(schema: z.infer<typeof Schema>): string {
  const properties = z.record(z.string(), Schema).safeParse(schema.properties);
  if (!properties.success) return `<p>${typeOf(schema)}</p>`;
  const required = z.array(z.string()).safeParse(schema.required);
  const rows = Object.entries(properties.data).map(
    ([name, field]) =>
      `<tr><td><code>${escapeHtml(name)}</code>${required.success && required.data.includes(name) ? '' : '?'}</td><td>${typeOf(field)}</td><td>${note(field)}</td></tr>`,
  );
  return rows.length === 0 ? '<p>empty</p>' : `<table>${rows.join('')}</table>`;
}

/** A type in words, with links to named objects. */
function typeOf(schema: z.infer<typeof Schema>): string {
  if (typeof schema.$ref === 'string') {
    const name = escapeHtml(schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1));
    return `<a href="#object-${name}">${name}</a>`;
  }
  const values = z.array(z.unknown()).safeParse(schema.enum);
  if (values.success)
    return values.data.map((value) => `<code>${escapeHtml(String(value))}</code>`).join(' ');
  if (schema.const !== undefined) return `<code>${escapeHtml(String(schema.const))}</code>`;
  const choices = z.array(Schema).safeParse(schema.anyOf ?? schema.oneOf);
  if (choices.success) return choices.data.map(typeOf).join(' or ');
  const items = Schema.safeParse(schema.items);
  if (items.success) return `list of ${typeOf(items.data)}`;
  const values_ = Schema.safeParse(schema.additionalProperties);
  if (values_.success && Object.keys(values_.data).length > 0) return `map to ${typeOf(values_.data)}`;
  const fields = z.record(z.string(), Schema).safeParse(schema.properties);
  if (fields.success) {
    return `{ ${Object.entries(fields.data)
      .map(([name, field]) => `${escapeHtml(name)}: ${typeOf(field)}`)
      .join(', ')} }`;
  }
  if (schema.format === undefined && Array.isArray(schema.type)) return escapeHtml(schema.type.join(' or '));
  return escapeHtml(String(schema.format ?? schema.type ?? 'any'));
}

function note(schema: z.infer<typeof Schema>): string {
  const parts = [
    typeof schema.description === 'string' ? schema.description : '',
    schema.default === undefined ? '' : `Default ${JSON.stringify(schema.default)}.`,
    typeof schema.maximum === 'number' && schema.maximum < Number.MAX_SAFE_INTEGER
      ? `At most ${schema.maximum}.`
      : '',
    typeof schema.maxLength === 'number' ? `At most ${schema.maxLength} characters.` : '',
  ];
  return prose(parts.filter((part) => part !== '').join(' '));
}

function descriptionOf(schema: z.infer<typeof Schema>): string {
  return typeof schema.description === 'string' ? `<p>${prose(schema.description)}</p>` : '';
}

/** Text of the contract, with code between backticks. */
function prose(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}
