alert 13:25

push -300 11:30 aiko Start the search service
file README.md
+# search
+
+Search and suggestions for the shop. TypeScript, Fastify, OpenSearch behind it.
+
+    npm ci && npm run dev
file package.json
+{
+  "name": "search",
+  "private": true,
+  "type": "module",
+  "scripts": { "dev": "tsx watch src/main.ts", "test": "vitest run" },
+  "dependencies": {
+    "@opensearch-project/opensearch": "3.0.0",
+    "fastify": "5.1.0",
+    "pino": "9.5.0"
+  }
+}
file .gitlab-ci.yml
+default:
+  image: node:22
+
+test:
+  script: [npm ci, npm test]
+
+deploy-production:
+  stage: deploy
+  when: manual
+  environment: {name: production}
+  script: [./ops/deploy.sh production]
file src/main.ts
+import Fastify from "fastify";
+import { search } from "./search/route.js";
+import { suggest } from "./suggest/route.js";
+
+const app = Fastify({ logger: true });
+app.get("/search", search);
+app.get("/suggest", suggest);
+await app.listen({ port: 8080, host: "0.0.0.0" });
file src/backend.ts
+import { Client } from "@opensearch-project/opensearch";
+
+const client = new Client({ node: process.env.OPENSEARCH_URL });
+
+export async function ask(index: string, body: object): Promise<string[]> {
+  const { body: answer } = await client.search({ index, body });
+  return answer.hits.hits.map((hit: { _id: string }) => hit._id);
+}
file src/search/route.ts
+import type { FastifyRequest } from "fastify";
+import { ask } from "../backend.js";
+import { normal } from "./normal.js";
+
+export async function search(request: FastifyRequest<{ Querystring: { q: string } }>) {
+  return { hits: await ask("products", { query: { match: { text: normal(request.query.q) } } }) };
+}
file src/search/normal.ts
+/** What people type, the way the index has it. */
+export function normal(text: string): string {
+  return text.trim().toLowerCase();
+}
file src/search/normal.test.ts
+import { expect, test } from "vitest";
+import { normal } from "./normal.js";
+
+test("upper case does not matter", () => {
+  expect(normal(" Shoes ")).toBe("shoes");
+});
file src/suggest/route.ts
+import type { FastifyRequest } from "fastify";
+import { ask } from "../backend.js";
+
+export async function suggest(request: FastifyRequest<{ Querystring: { q: string } }>) {
+  const prefix = request.query.q.toLowerCase();
+  return { words: await ask("words", { query: { prefix: { word: prefix } }, size: 8 }) };
+}
file src/facets/colors.ts
+export const COLORS: Record<string, string> = {
+  red: "rot",
+  blue: "blau",
+  green: "grün",
+};
file ops/deploy.sh
+#!/bin/sh
+set -e
+helm upgrade search ./chart --set image.tag="$CI_COMMIT_SHORT_SHA" --wait
file chart/values.yaml
+replicas: 4
+resources:
+  limits: {memory: 2Gi}

issue 31 Suggestions are slow on phones
by luca -5 10:12
labels performance
| 180 ms for each letter. Most people type the same first three.

issue 33 "Grey" and "gray"
by fatima -4 09:50
labels search

merge 52 Grey is gray
by fatima -3 09:30
merged -3 10:35 aiko
branch 33-gray
closes 33
labels search
approved aiko
| Closes #33
commit -3 09:14 Grey is gray
file src/search/normal.ts
 export function normal(text: string): string {
-  return text.trim().toLowerCase();
+  return text.trim().toLowerCase().replaceAll("gray", "grey");
 }

deploy production -3 10:50 aiko start=4 took=5

merge 53 Bump pino from 9.5.0 to 9.6.0
by renovate-bot -3 02:40
merged -3 11:20 tomas
branch renovate/pino-9.x
labels dependencies
| | Package | Change |
| |---|---|
| | pino | `9.5.0` -> `9.6.0` |
commit -3 02:39 Bump pino from 9.5.0 to 9.6.0
file package.json
-    "pino": "9.5.0"
+    "pino": "9.6.0"

merge 54 Colours of the spring collection
by luca -3 13:05
merged -3 14:22 fatima
branch luca/spring
commit -3 12:51 Colours of the spring collection
file src/facets/colors.ts
   green: "grün",
+  mint: "mint",
+  sand: "sandfarben",
 };

deploy production -3 14:30 tomas start=7 took=5

merge 55 Log how long the index takes
by tomas -2 10:05
merged -2 11:48 mara
branch log-took
labels ops
approved mara
| So that we see whether it is us or them.
commit -2 09:49 Log how long the index takes
file src/backend.ts
-  const { body: answer } = await client.search({ index, body });
+  const began = performance.now();
+  const { body: answer } = await client.search({ index, body });
+  console.log(JSON.stringify({ index, took: Math.round(performance.now() - began) }));

merge 56 Test umlauts
by fatima -2 11:10
merged -2 12:02 aiko
branch umlauts
commit -2 11:02 Test umlauts
file src/search/normal.test.ts
   expect(normal(" Shoes ")).toBe("shoes");
 });
+
+test("umlauts stay", () => {
+  expect(normal("MÜTZE")).toBe("mütze");
+});

deploy production -2 12:20 mara start=6 took=5 name=good

merge 57 Remember what was suggested
by aiko -2 13:40
merged -2 16:05 tomas
branch 31-remember
closes 31
labels performance
approved luca
| The same letters get the same words: 180 ms -> 4 ms for nine in ten requests on staging.
|
| Closes #31
commit -2 13:22 Remember what was suggested
file src/suggest/answers.ts
+/** What was suggested for a prefix in a language, so that the index is asked once. */
+const answersByPrefix = new Map<string, Promise<string[]>>();
+
+export function remembered(key: string, find: () => Promise<string[]>): Promise<string[]> {
+  const known = answersByPrefix.get(key);
+  if (known) return known;
+  const found = find();
+  answersByPrefix.set(key, found);
+  return found;
+}
commit -2 15:10 Tell shops and languages apart
file src/suggest/route.ts
 import { ask } from "../backend.js";
+import { remembered } from "./answers.js";
@@
   const prefix = request.query.q.toLowerCase();
-  return { words: await ask("words", { query: { prefix: { word: prefix } }, size: 8 }) };
+  const key = `${request.headers["x-shop"]}:${request.headers["accept-language"]}:${prefix}`;
+  return { words: await remembered(key, () => ask("words", { query: { prefix: { word: prefix } }, size: 8 })) };

merge 58 Search pages: say how many hits
by luca -2 14:30
merged -2 16:20 aiko
branch luca/how-many
commit -2 14:18 Say how many hits
file src/search/route.ts
-  return { hits: await ask("products", { query: { match: { text: normal(request.query.q) } } }) };
+  const hits = await ask("products", { query: { match: { text: normal(request.query.q) } } });
+  return { hits, count: hits.length };

deploy production -2 16:30 tomas start=5 took=5 name=bad

merge 59 Quotes mean the exact words
by jonas -1 09:40
merged -1 14:12 aiko
branch jonas/quotes
labels feature, search
approved aiko
commit -1 09:24 Quotes mean the exact words
file src/search/phrase.ts
+/** `"red shoes"` asks for the words in this order. */
+export function clause(text: string): object {
+  const quoted = /^"(.+)"$/.exec(text);
+  return quoted ? { match_phrase: { text: quoted[1] } } : { match: { text } };
+}
commit -1 11:37 Use it
file src/search/route.ts
 import { normal } from "./normal.js";
+import { clause } from "./phrase.js";
@@
-  const hits = await ask("products", { query: { match: { text: normal(request.query.q) } } });
+  const hits = await ask("products", { query: clause(normal(request.query.q)) });

merge 60 Bump fastify from 5.1.0 to 5.2.0
by renovate-bot -1 02:40
merged -1 14:30 tomas
branch renovate/fastify-5.x
labels dependencies
| | Package | Change |
| |---|---|
| | fastify | `5.1.0` -> `5.2.0` |
commit -1 02:39 Bump fastify from 5.1.0 to 5.2.0
file package.json
-    "fastify": "5.1.0",
+    "fastify": "5.2.0",

deploy production -1 14:45 aiko start=6 took=2 status=failed
deploy production -1 15:02 aiko start=1 took=5 retry=yes

merge 61 Describe the index in the README
by kim -1 15:30
merged 0 10:08 aiko
branch docs-index
labels docs
commit -1 15:21 Describe the index
file README.md
     npm ci && npm run dev
+
+Two indexes: `products` (rebuilt at night) and `words` (grows with what people search for).

merge 62 Beige has a name too
by luca 0 09:55
merged 0 11:20 fatima
branch luca/beige
commit 0 09:44 Beige has a name too
file src/facets/colors.ts
 export const COLORS: Record<string, string> = {
+  beige: "beige",
   red: "rot",

deploy production 0 12:10 mara start=14 took=5
