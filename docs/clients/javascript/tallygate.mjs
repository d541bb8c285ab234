#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// A client of the Tallygate API in Node.js 18 and later, without packages.
//
//   tallygate.mjs create ORDER.json KEY     asks for the money of an order (POST /v1/payments); KEY is the Idempotency-Key
//   tallygate.mjs refresh PAYMENT_ID        刷新支付状态
//   tallygate.mjs verify-webhook BODY ID TIMESTAMP SIGNATURE
//
// TALLYGATE_URL, TALLYGATE_KEYID, TALLYGATE_KEY_FILE, TALLYGATE_ALGORITHM (hmac-sha256 or ed25519) say who asks whom;
// TALLYGATE_WEBHOOK_SECRET (whsec_…) is for webhooks.
import { createHash, createHmac, createPrivateKey, randomBytes, sign, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";

const env = process.env;
const TOLERANCE_S = 300;

// TALLYGATE_CLOCK_SHIFT_S is for a development gateway, which may live at another time.
const now = () => Math.floor(Date.now() / 1000) + Number(env.TALLYGATE_CLOCK_SHIFT_S ?? 0);

function signText(text) {
    const key = readFileSync(env.TALLYGATE_KEY_FILE, "utf8");
    return env.TALLYGATE_ALGORITHM === "ed25519"
        ? sign(null, Buffer.from(text), createPrivateKey(key))
        : createHmac("sha256", key.replace(/\n$/, "")).update(text).digest();
}

// RFC 9421 over the method, path, query and, with a body, its RFC 9530 digest.
export function signedHeaders(method, url, body) {
    const { pathname, search } = new URL(url);
    const lines = [["@method", method], ["@path", pathname], ["@query", search || "?"]];
    const headers = {};
    if (body) {
        headers["Content-Digest"] = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
        lines.push(["content-digest", headers["Content-Digest"]]);
    }
    const names = lines.map(([name]) => `"${name}"`).join(" ");
    const nonce = randomBytes(16).toString("hex");
    const parameters = `(${names});created=${now()};nonce="${nonce}";keyid="${env.TALLYGATE_KEYID}"`;
    const base = lines.map(([name, value]) => `"${name}": ${value}\n`).join("") + `"@signature-params": ${parameters}`;
    headers["Signature-Input"] = `sig=${parameters}`;
    headers["Signature"] = `sig=:${signText(base).toString("base64")}:`;
    return headers;
}

// After a time-out send the same request with the same key again: it is done once.
export async function call(method, path, body, idempotencyKey) {
    const url = env.TALLYGATE_URL + path;
    const headers = { ...signedHeaders(method, url, body), "Accept-Language": "en" };
    if (body) headers["Content-Type"] = "application/json";
    if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
    const answer = await fetch(url, { method, headers, body, signal: AbortSignal.timeout(30000) });
    return { status: answer.status, text: await answer.text() };
}

// Standard Webhooks: one of the signatures is HMAC-SHA256 over id.timestamp.body, and the time is near.
export function verifyWebhook(secret, body, id, timestamp, signatures) {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
    const wanted = Buffer.from(`v1,${mac}`);
    const near = /^\d+$/.test(timestamp) && Math.abs(now() - Number(timestamp)) <= TOLERANCE_S;
    const same = signatures.split(" ").map((one) => Buffer.from(one))
        .filter((one) => one.length === wanted.length && timingSafeEqual(one, wanted));
    return near && same.length > 0;
}

async function main([command, ...words]) {
    let answer;
    if (command === "create" && words.length === 2) {
        answer = await call("POST", "/v1/payments", readFileSync(words[0]), words[1]);
    } else if (command === "refresh" && words.length === 1) {
        answer = await call("POST", `/v1/payments/${words[0]}/refresh`, "{}");
    } else if (command === "verify-webhook" && words.length === 4) {
        const good = verifyWebhook(env.TALLYGATE_WEBHOOK_SECRET, readFileSync(words[0]), ...words.slice(1));
        console.log(good ? "genuine" : "not genuine");
        return good ? 0 : 1;
    } else {
        console.error("usage: tallygate.mjs create ORDER.json KEY | refresh PAYMENT_ID | verify-webhook BODY ID TIMESTAMP SIGNATURE");
        return 2;
    }
    console.log(answer.text);
    return answer.status < 300 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
