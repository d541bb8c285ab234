#!/usr/bin/env php
<?php
// SPDX-License-Identifier: Apache-2.0
// A client of the Tallygate API in PHP 8 with its bundled extensions.
//
//   tallygate.php create ORDER.json KEY     asks for the money of an order (POST /v1/payments); KEY is the Idempotency-Key
//   tallygate.php refresh PAYMENT_ID        刷新支付状态
//   tallygate.php verify-webhook BODY ID TIMESTAMP SIGNATURE
//
// TALLYGATE_URL, TALLYGATE_KEYID, TALLYGATE_KEY_FILE, TALLYGATE_ALGORITHM (hmac-sha256 or ed25519) say who asks whom;
// TALLYGATE_WEBHOOK_SECRET (whsec_…) is for webhooks.
declare(strict_types=1);

const TOLERANCE_S = 300;

// TALLYGATE_CLOCK_SHIFT_S is for a development gateway, which may live at another time.
function now(): int
{
    return time() + (int) (getenv('TALLYGATE_CLOCK_SHIFT_S') ?: 0);
}

// The seed of an Ed25519 key stands at the end of its PKCS#8 form (RFC 8410).
function ed25519_key(string $pem): string
{
    $der = base64_decode(preg_replace('/-----[^-]+-----|\s/', '', $pem), true);
    return sodium_crypto_sign_secretkey(sodium_crypto_sign_seed_keypair(substr($der, -32)));
}

function sign_text(string $text): string
{
    $key = file_get_contents(getenv('TALLYGATE_KEY_FILE'));
    return getenv('TALLYGATE_ALGORITHM') === 'ed25519'
        ? sodium_crypto_sign_detached($text, ed25519_key($key))
        : hash_hmac('sha256', $text, rtrim($key, "\n"), true);
}

// RFC 9421 over the method, path, query and, with a body, its RFC 9530 digest.
function signed_headers(string $method, string $url, string $body): array
{
    $lines = [
        '@method' => $method,
        '@path' => parse_url($url, PHP_URL_PATH),
        '@query' => '?' . parse_url($url, PHP_URL_QUERY),
    ];
    $headers = [];
    if ($body !== '') {
        $lines['content-digest'] = 'sha-256=:' . base64_encode(hash('sha256', $body, true)) . ':';
        $headers[] = 'Content-Digest: ' . $lines['content-digest'];
    }
    $names = implode(' ', array_map(fn($name) => "\"$name\"", array_keys($lines)));
    $parameters = sprintf(
        '(%s);created=%d;nonce="%s";keyid="%s"',
        $names,
        now(),
        bin2hex(random_bytes(16)),
        getenv('TALLYGATE_KEYID')
    );
    $base = '';
    foreach ($lines as $name => $value) {
        $base .= "\"$name\": $value\n";
    }
    $signature = base64_encode(sign_text($base . "\"@signature-params\": $parameters"));
    return [...$headers, "Signature-Input: sig=$parameters", "Signature: sig=:$signature:"];
}

// [status, text]. After a time-out send the same request with the same key again: it is done once.
function call(string $method, string $path, string $body = '', ?string $idempotency_key = null): array
{
    $url = getenv('TALLYGATE_URL') . $path;
    $headers = [...signed_headers($method, $url, $body), 'Accept-Language: en'];
    if ($body !== '') {
        $headers[] = 'Content-Type: application/json';
    }
    if ($idempotency_key !== null) {
        $headers[] = "Idempotency-Key: $idempotency_key";
    }
    $context = stream_context_create(['http' => [
        'method' => $method,
        'header' => $headers,
        'content' => $body,
        'ignore_errors' => true, // a problem has a body too
        'timeout' => 30,
    ]]);
    $text = file_get_contents($url, false, $context);
    return [(int) explode(' ', $http_response_header[0])[1], $text];
}

// Standard Webhooks: one of the signatures is HMAC-SHA256 over id.timestamp.body, and the time is near.
function verify_webhook(string $secret, string $body, string $id, string $timestamp, string $signatures): bool
{
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
    $wanted = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    $near = ctype_digit($timestamp) && abs(now() - (int) $timestamp) <= TOLERANCE_S;
    $same = array_filter(explode(' ', $signatures), fn($one) => hash_equals($wanted, $one));
    return $near && count($same) > 0;
}

function main(array $words): int
{
    if (count($words) === 3 and $words[0] === 'create') {
        [$status, $text] = call('POST', '/v1/payments', file_get_contents($words[1]), $words[2]);
    } elseif (count($words) === 2 and $words[0] === 'refresh') {
        [$status, $text] = call('POST', "/v1/payments/{$words[1]}/refresh", '{}');
    } elseif (count($words) === 5 and $words[0] === 'verify-webhook') {
        $body = file_get_contents($words[1]);
        $good = verify_webhook(getenv('TALLYGATE_WEBHOOK_SECRET'), $body, ...array_slice($words, 2));
        echo $good ? "genuine\n" : "not genuine\n";
        return $good ? 0 : 1;
    } else {
        fwrite(STDERR, "usage: create ORDER.json KEY | refresh PAYMENT_ID | verify-webhook BODY ID TIMESTAMP SIGNATURE\n");
        return 2;
    }
    echo $text, "\n";
    return $status < 300 ? 0 : 1;
}

exit(main(array_slice($argv, 1)));
