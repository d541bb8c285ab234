#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How these files were made. Running it again makes others of the same kind; serials.txt owes nothing to the adapter.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f ./*.crt ./*.key serials.txt

authority() { # name common-name
    openssl req -x509 -newkey rsa:2048 -nodes -sha256 -keyout "$work/$1.key" -out "$1.crt" -set_serial "0x$(openssl rand -hex 16)" \
        -subj "/C=CN/O=Mock Financial/OU=Certification Authority/CN=$2" -days 36500 2>/dev/null
}

issue() { # authority name common-name start end: all of them for the one key
    : >"$work/index.txt"
    openssl rand -hex 16 >"$work/serial"
    cat >"$work/conf" <<CONF
[ca]
default_ca = it
[it]
database = $work/index.txt
new_certs_dir = $work
serial = $work/serial
default_md = sha256
policy = any
[any]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = supplied
CONF
    openssl req -new -utf8 -key next.key -subj "/C=CN/O=Mock Merchant/OU=Alipay/CN=$3" -out "$work/csr"
    openssl ca -batch -notext -utf8 -config "$work/conf" -keyfile "$work/$1.key" -cert "$1.crt" -startdate "$4" -enddate "$5" \
        -in "$work/csr" -out "$2.crt" 2>/dev/null
}

authority root "Mock Financial Certification Authority Class 2 R1"
authority foreign_root "Mock Financial Certification Authority Class 2 R1"
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out next.key 2>/dev/null
owner="支付宝(中国)网络技术有限公司-2088000000000001"
issue root present "$owner" 20260101000000Z 21260101000000Z
issue root next "$owner" 20260101000000Z 21260101000000Z
issue root expired "$owner" 20200101000000Z 20261201000000Z
issue root early "$owner" 20300101000000Z 21260101000000Z
issue root application "2088000000000001-2021000000000001" 20260101000000Z 21260101000000Z
issue root other_seller "支付宝(中国)网络技术有限公司-2088000000000002" 20260101000000Z 21260101000000Z
issue foreign_root foreign "$owner" 20260101000000Z 21260101000000Z

for name in present next expired early application other_seller foreign; do
    issuer=$(openssl x509 -in "$name.crt" -noout -issuer -nameopt RFC2253,-esc_msb | sed 's/^issuer=//')
    serial=$(openssl x509 -in "$name.crt" -noout -serial | sed 's/^serial=//')
    printf '%s %s\n' "$name" "$(printf '%s%s' "$issuer" "$(python3 -c "print(int('$serial', 16))")" | md5sum | cut -c 1-32)"
done >serials.txt
