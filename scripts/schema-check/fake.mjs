// Holds the schema of the fake GitHub against the real one: it may be smaller, never different.

import { readFileSync } from "node:fs";
import { schema as published } from "@octokit/graphql-schema";
import { buildSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType, isUnionType } from "graphql";

const real = buildSchema(published.idl, { assumeValidSDL: true });

/** Everything in the file that GitHub's schema has not, or has in another form. */
export function differencesOf(file) {
  const fake = buildSchema(readFileSync(file, "utf8"));
  return Object.values(fake.getTypeMap())
    .filter((type) => !type.name.startsWith("__"))
    .flatMap((type) => differencesOfType(type, real.getType(type.name)));
}

function differencesOfType(type, known) {
  if (!known || known.constructor !== type.constructor) return [`GitHub has no such ${type.name}`];
  if (isEnumType(type)) return missing(type, type.getValues(), known.getValues());
  if (isUnionType(type)) return missing(type, type.getTypes(), known.getTypes());
  if (isObjectType(type) || isInterfaceType(type)) {
    return [
      ...missing(type, type.getInterfaces(), known.getInterfaces()),
      ...fields(type, known).flatMap(([field, theirs]) => differencesOfField(type, field, theirs)),
    ];
  }
  return isInputObjectType(type) ? fields(type, known).flatMap(([own, theirs]) => sameType(type, own, theirs)) : [];
}

function fields(type, known) {
  return Object.values(type.getFields()).map((field) => [field, known.getFields()[field.name]]);
}

function differencesOfField(type, field, theirs) {
  const args = theirs
    ? field.args.flatMap((arg) =>
        sameType({ name: `${type.name}.${field.name}` }, arg, theirs.args.find((other) => other.name === arg.name)),
      )
    : [];
  return [...sameType(type, field, theirs), ...args];
}

function sameType(type, own, theirs) {
  if (!theirs) return [`GitHub has no ${type.name}.${own.name}`];
  const same = String(own.type) === String(theirs.type);
  return same ? [] : [`${type.name}.${own.name} is ${theirs.type} at GitHub, not ${own.type}`];
}

function missing(type, own, theirs) {
  const known = new Set(theirs.map((item) => item.name));
  return own.filter((item) => !known.has(item.name)).map((item) => `GitHub's ${type.name} has no ${item.name}`);
}
