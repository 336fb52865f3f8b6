import { expect, test } from 'vitest';
import { openApiDocument } from './openapi.ts';
import { ROUTES } from './routes.ts';

interface Operation {
  operationId: string;
  parameters: { name: string; in: string }[];
  security?: object[];
  responses: Record<string, object>;
}

const { paths } = openApiDocument('http://127.0.0.1:8080') as { paths: Record<string, Record<string, Operation>> };
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.values(methods).map((each) => ({ path, ...each })),
);

test('describes every route of the table once', () => {
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(ROUTES).sort());
});

test('declares every parameter that stands in an address', () => {
  for (const { path, parameters } of operations)
    expect(parameters.filter(({ in: place }) => place === 'path').map(({ name }) => `{${name}}`)).toEqual(
      path.match(/\{\w+\}/g) ?? [],
    );
});

test('says which routes want credentials', () => {
  expect(operations.filter(({ security }) => security === undefined).map(({ operationId }) => operationId)).toEqual([
    'signIn',
    'session',
  ]);
});
