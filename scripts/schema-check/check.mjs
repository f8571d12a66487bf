// Usage: node check.mjs [requests.jsonl]
// Checks the GraphQL documents of the GitHub client, the schema of the fake GitHub, and the requests
// that the tests recorded (AMPEL_GITHUB_REQUESTS names the file), against GitHub's own descriptions.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { differencesOf } from "./fake.mjs";
import { operationsIn, problemsOf as graphqlProblems } from "./graphql.mjs";
import { problemsOf as restProblems } from "./rest.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const folder = `${root}/shared/providers/src/github`;
const recorded = process.argv[2] ?? `${root}/target/github-requests.jsonl`;
let wrong = 0;

function complain(what, problems) {
  for (const problem of problems) console.error(`${what}: ${problem}`);
  wrong += problems.length;
}

const { operations, unused } = operationsIn(folder);
for (const { name, problems } of operations) complain(name, problems);
complain("fragments", unused.map((name) => `${name} is used by no operation`));
if (operations.length === 0) complain(folder, ["there is no GraphQL operation"]);

complain("the fake's schema", differencesOf(`${root}/shared/testkit/src/github/graphql/schema.graphql`));

let requests = [];
if (existsSync(recorded)) {
  requests = readFileSync(recorded, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
} else {
  console.log(`no recorded requests: ${recorded} is not there`);
}
const seen = new Set();
for (const request of requests) {
  const { method, path, query, body } = request;
  const key = JSON.stringify([method, path, query, path === "/graphql" ? body?.query : body]);
  if (seen.has(key)) continue;
  seen.add(key);
  const problems = path === "/graphql" ? graphqlProblems(body?.query ?? "") : restProblems(request);
  complain(`${method} ${path}`, problems);
}

console.log(`${operations.length} GraphQL operations, ${seen.size} different requests, ${wrong} problems`);
process.exit(wrong === 0 ? 0 : 1);
