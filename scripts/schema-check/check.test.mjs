// The checks themselves: right requests pass, wrong ones do not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf as graphql } from "./graphql.mjs";
import { problemsOf as rest } from "./rest.mjs";

const request = (method, path, query = [], body = null) => ({ method, path, query, body });

test("GraphQL is held against GitHub's schema", () => {
  assert.deepEqual(graphql("{ viewer { login } }"), []);
  assert.equal(graphql("{ viewer { colour } }").length, 1);
  assert.equal(graphql("{ viewer {").length, 1);
});

test("paths, also those with slashes in a name and by id", () => {
  assert.deepEqual(rest(request("GET", "/user")), []);
  assert.deepEqual(rest(request("GET", "/repos/acme/web/rules/branches/release/2.4")), []);
  assert.deepEqual(rest(request("GET", "/repositories/7/pulls", [["per_page", "100"], ["page", "2"]])), []);
  assert.equal(rest(request("GET", "/nowhere/at/all")).length, 1);
  assert.equal(rest(request("DELETE", "/user")).length, 1);
});

test("query parameters", () => {
  assert.deepEqual(rest(request("GET", "/repos/acme/web/pulls", [["state", "open"], ["per_page", "100"]])), []);
  assert.equal(rest(request("GET", "/repos/acme/web/pulls", [["state", "ajar"]])).length, 1);
  assert.equal(rest(request("GET", "/repos/acme/web/pulls", [["limit", "5"]])).length, 1);
});

test("bodies", () => {
  const hook = { name: "web", active: true, events: ["push"], config: { url: "https://a.example", content_type: "json" } };
  assert.deepEqual(rest(request("POST", "/repos/acme/web/hooks", [], hook)), []);
  assert.equal(rest(request("POST", "/repos/acme/web/hooks", [], { ...hook, active: "yes" })).length, 1);
  assert.equal(rest(request("PUT", "/repos/acme/web/pulls/1/merge", [], { merge_method: "octopus" })).length, 1);
  assert.equal(rest(request("PUT", "/repos/acme/web/pulls/1/merge", [], { head: "abc" })).length, 1);
  assert.equal(rest(request("GET", "/user", [], { a: 1 })).length, 1);
});
