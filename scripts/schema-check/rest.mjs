// Validates recorded REST requests against GitHub's OpenAPI description.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const file = createRequire(import.meta.url).resolve("@octokit/openapi/generated/api.github.com.deref.json");
const description = JSON.parse(readFileSync(file, "utf8"));
const ajv = addFormats(new Ajv({ strict: false, allErrors: true, coerceTypes: false }));
const queryAjv = addFormats(new Ajv({ strict: false, allErrors: true, coerceTypes: "array" }));

const routes = Object.entries(description.paths).map(([template, operations]) => ({
  template,
  operations,
  // Parameters may span segments: a branch name holds slashes.
  pattern: new RegExp(`^${template.split(/\{[^}]+\}/).map(escape).join("(.+)")}$`),
  literals: template.split("/").filter((part) => part && !part.startsWith("{")).length,
  segments: template.split("/").length,
}));
const validators = new Map();

/** Every problem of one recorded request; an empty list if GitHub would take it. */
export function problemsOf({ method, path, query, body }) {
  const route = routeOf(canonical(path));
  if (!route) return [`GitHub has no path ${path}`];
  const operation = route.operations[method.toLowerCase()];
  if (!operation) return [`GitHub has no ${method} ${route.template}`];
  return [...queryProblems(route, operation, query), ...bodyProblems(route, method, operation, body)];
}

/** The form by id is GitHub's own redirect target and is not described. */
function canonical(path) {
  return path.replace(/^\/repositories\/\d+/, "/repos/owner/name");
}

function routeOf(path) {
  const segments = path.split("/").length;
  const fitting = routes.filter((route) => route.pattern.test(path));
  const distance = (route) => Math.abs(route.segments - segments);
  fitting.sort((a, b) => distance(a) - distance(b) || b.literals - a.literals);
  return fitting[0];
}

function queryProblems(route, operation, query) {
  const described = new Map(
    [...(operation.parameters ?? []), ...(route.operations.parameters ?? [])]
      .filter((parameter) => parameter.in === "query")
      .map((parameter) => [parameter.name, parameter]),
  );
  const given = new Map(query);
  const problems = [];
  for (const [name, value] of given) {
    const parameter = described.get(name);
    if (!parameter) {
      problems.push(`${route.template} has no query parameter ${name}`);
      continue;
    }
    const validator = compiled(queryAjv, `${route.template}?${name}`, {
      type: "object",
      properties: { value: parameter.schema },
    });
    if (!validator({ value })) problems.push(`${name}=${value}: ${queryAjv.errorsText(validator.errors)}`);
  }
  for (const parameter of described.values()) {
    if (parameter.required && !given.has(parameter.name)) problems.push(`${parameter.name} is missing`);
  }
  return problems;
}

function bodyProblems(route, method, operation, body) {
  const content = operation.requestBody?.content?.["application/json"];
  const sent = body !== null && body !== undefined;
  if (!content) return sent ? [`${method} ${route.template} takes no body`] : [];
  if (!sent) return operation.requestBody.required ? ["the body is missing"] : [];
  const validator = compiled(ajv, `${method} ${route.template}`, content.schema);
  const problems = validator(body) ? [] : [`body: ${ajv.errorsText(validator.errors)}`];
  const known = content.schema.properties;
  if (known && !Array.isArray(body)) {
    for (const key of Object.keys(body)) if (!(key in known)) problems.push(`the body has an unknown key ${key}`);
  }
  return problems;
}

function compiled(instance, name, schema) {
  if (!validators.has(name)) validators.set(name, instance.compile(schema));
  return validators.get(name);
}

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
