// Validates the product's GraphQL documents against GitHub's public schema.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { schema as published } from "@octokit/graphql-schema";
import { buildSchema, Kind, parse, specifiedRules, validate, visit } from "graphql";

const schema = buildSchema(published.idl, { assumeValidSDL: true });

/** Every problem of one document; an empty list if GitHub would take it. */
export function problemsOf(text) {
  try {
    return validate(schema, parse(text), specifiedRules, { maxErrors: 20 }).map((error) => error.message);
  } catch (error) {
    return [error.message];
  }
}

/** The operations in a folder, each with the fragments it uses from any file there. */
export function operationsIn(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".graphql")).sort();
  const documents = files.map((name) => ({ name, document: parse(readFileSync(join(folder, name), "utf8")) }));
  const fragments = new Map();
  for (const { document } of documents) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    }
  }
  const operations = [];
  const used = new Set();
  for (const { name, document } of documents) {
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      const needed = reachable(definition, fragments);
      needed.forEach((fragment) => used.add(fragment.name.value));
      operations.push({ name, problems: problemsOfDefinitions([definition, ...needed]) });
    }
  }
  const unused = [...fragments.keys()].filter((name) => !used.has(name));
  return { operations, unused };
}

function problemsOfDefinitions(definitions) {
  const document = { kind: Kind.DOCUMENT, definitions };
  return validate(schema, document, specifiedRules, { maxErrors: 20 }).map((error) => error.message);
}

function reachable(definition, fragments, found = new Map()) {
  visit(definition, {
    FragmentSpread(spread) {
      const name = spread.name.value;
      const fragment = fragments.get(name);
      if (!fragment || found.has(name)) return;
      found.set(name, fragment);
      reachable(fragment, fragments, found);
    },
  });
  return [...found.values()];
}
