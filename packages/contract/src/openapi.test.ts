import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openApi } from './openapi.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

const document = openApi('1.2.3');
const all: readonly Route[] = Object.values(routes);

/** Every value of a key, anywhere in a document. */
function valuesOf(node: unknown, key: string): readonly unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => [
    ...(name === key ? [value] : []),
    ...valuesOf(value, key),
  ]);
}

describe('the OpenAPI description', () => {
  it('has every route once, under its identifier', () => {
    assert.deepEqual(
      valuesOf(document.paths, 'operationId').toSorted(),
      all.map((route) => route.id).toSorted(),
    );
    for (const [name, route] of Object.entries(routes)) assert.equal(route.id, name);
    assert.equal(new Set(all.map(({ method, path }) => `${method} ${path}`)).size, all.length);
  });

  it('refers only to schemas that it has', () => {
    for (const reference of valuesOf(document, '$ref')) {
      assert.match(String(reference), /^#\/components\/schemas\//);
      const name = String(reference).split('/').at(-1);
      assert.ok(JSON.stringify(document.components).includes(`"${name}":`), String(reference));
    }
  });

  it('is JSON, and declares each parameter of a path', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(document)), document);
    for (const route of all) {
      const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const text = JSON.stringify(document);
      for (const name of names) assert.ok(text.includes(`"name":"${name}","in":"path","required":true`));
    }
  });

  it('wants a login for all but the ways to log in', () => {
    assert.deepEqual(
      all.filter((route) => route.permission === null).map((route) => route.id),
      [
        'redeemSetup',
        'getLogin',
        'login',
        'beginPasskeyLogin',
        'loginByPasskey',
        'beginProviderLogin',
        'createFirstAdministrator',
        'beginDeviceLogin',
        'pollDeviceLogin',
      ],
    );
  });

  it('refuses unknown fields in every body', () => {
    for (const route of all) {
      const parsed = route.body.safeParse({ unknownField: 1 });
      assert.equal(parsed.success, false, route.id);
    }
  });
});
