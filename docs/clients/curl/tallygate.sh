#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A client of the Tallygate API in bash with curl and openssl.
#
#   tallygate.sh create ORDER.json KEY     asks for the money of an order (POST /v1/payments); KEY is the Idempotency-Key
#   tallygate.sh refresh PAYMENT_ID        刷新支付状态
#   tallygate.sh verify-webhook BODY ID TIMESTAMP SIGNATURE
#
# TALLYGATE_URL, TALLYGATE_KEYID, TALLYGATE_KEY_FILE, TALLYGATE_ALGORITHM (hmac-sha256 or ed25519) say who asks whom;
# TALLYGATE_WEBHOOK_SECRET (whsec_…) is for webhooks.
set -euo pipefail
tolerance_s=300
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# TALLYGATE_CLOCK_SHIFT_S is for a development gateway, which may live at another time.
now() { echo $(($(date +%s) + ${TALLYGATE_CLOCK_SHIFT_S:-0})); }

hex() { od -An -v -tx1 | tr -d ' \n'; }

sha256() { openssl dgst -sha256 -binary; }

# The bytes of a hexadecimal text, each changed by the same XOR.
bytes() { # hexadecimal, xor
    local i
    for ((i = 0; i < ${#1}; i += 2)); do
        printf "\\x$(printf '%02x' $((0x${1:i:2} ^ $2)))"
    done
}

# RFC 2104 by hand: given to openssl, the secret would stand in the list of processes.
hmac() { # secret in hexadecimal; the text on standard input
    local key=$1
    [ ${#key} -le 128 ] || key=$(bytes "$key" 0 | sha256 | hex)
    while [ ${#key} -lt 128 ]; do key+=00; done
    { bytes "$key" 0x36; cat; } | sha256 >"$scratch/inner"
    { bytes "$key" 0x5c; cat "$scratch/inner"; } | sha256
}

sign() { # file
    if [ "${TALLYGATE_ALGORITHM:-hmac-sha256}" = ed25519 ]; then
        openssl pkeyutl -sign -rawin -inkey "$TALLYGATE_KEY_FILE" -in "$1"
    else
        hmac "$(printf %s "$(<"$TALLYGATE_KEY_FILE")" | hex)" <"$1"
    fi
}

# RFC 9421 over the method, path, query and the body's RFC 9530 digest.
call() { # method, path, file with the body, more curl options…
    local method=$1 path=$2 body=$3 digest parameters
    shift 3
    digest="sha-256=:$(sha256 <"$body" | openssl base64 -A):"
    parameters='("@method" "@path" "@query" "content-digest")'
    parameters+=";created=$(now);nonce=\"$(openssl rand -hex 16)\";keyid=\"$TALLYGATE_KEYID\""
    printf '"@method": %s\n"@path": %s\n"@query": ?\n"content-digest": %s\n"@signature-params": %s' \
        "$method" "$path" "$digest" "$parameters" >"$scratch/base"
    # --data-binary, since --data would drop the newlines that the digest counts
    curl --silent --show-error --fail-with-body --max-time 30 --request "$method" --data-binary "@$body" \
        --header 'Content-Type: application/json' --header 'Accept-Language: en' --header "Content-Digest: $digest" \
        --header "Signature-Input: sig=$parameters" --header "Signature: sig=:$(sign "$scratch/base" | openssl base64 -A):" \
        "$@" "$TALLYGATE_URL$path" || return 1
}

# Standard Webhooks: one of the signatures is HMAC-SHA256 over id.timestamp.body, and the time is near.
verify_webhook() { # file with the body, id, timestamp, signatures
    local key wanted one age
    key=$(printf %s "${TALLYGATE_WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | hex)
    wanted=v1,$({ printf '%s.%s.' "$2" "$3"; cat "$1"; } | hmac "$key" | openssl base64 -A)
    [[ $3 =~ ^[1-9][0-9]{0,11}$ ]] || return 1
    age=$(($(now) - $3))
    [ "${age#-}" -le "$tolerance_s" ] || return 1
    for one in $4; do
        # Digests are compared, so that the time taken tells nothing of the signature.
        [ "$(printf %s "$one" | sha256 | hex)" != "$(printf %s "$wanted" | sha256 | hex)" ] || return 0
    done
    return 1
}

case "$#${1:-}" in
3create) call POST /v1/payments "$2" --header "Idempotency-Key: $3" ;;
2refresh)
    echo '{}' >"$scratch/body"
    call POST "/v1/payments/$2/refresh" "$scratch/body"
    ;;
5verify-webhook)
    if verify_webhook "${@:2}"; then echo genuine; else echo 'not genuine' && exit 1; fi
    ;;
*)
    sed -n '5,7s/^# *//p' "$0" >&2
    exit 2
    ;;
esac
