#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes every file of this folder anew with the openssl program. Throw-away keys: they protect nothing.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

printf 'pay 88.00 to the seller' > message.txt

openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa_pkcs8.pem
openssl rsa -in rsa_pkcs8.pem -traditional -out rsa_pkcs1.pem
openssl rsa -in rsa_pkcs8.pem -pubout -out rsa_public_spki.pem
openssl rsa -in rsa_pkcs8.pem -RSAPublicKey_out -out rsa_public_pkcs1.pem
for kind in pkcs8 pkcs1 public_spki; do
    grep -v -- ----- "rsa_$kind.pem" | tr -d '\n' > "rsa_$kind.b64"
done
openssl pkcs8 -topk8 -in rsa_pkcs8.pem -passout pass:secret -out rsa_encrypted.pem
openssl dgst -sha256 -sign rsa_pkcs8.pem message.txt | base64 -w0 > rsa_sha256.sig.b64
openssl dgst -sha1 -sign rsa_pkcs8.pem message.txt | base64 -w0 > rsa_sha1.sig.b64

openssl ecparam -genkey -name SM2 -noout -out "$work/sm2_sec1.pem"
openssl pkcs8 -topk8 -nocrypt -in "$work/sm2_sec1.pem" -out sm2_private.pem
openssl pkey -in sm2_private.pem -pubout -out sm2_public.pem
openssl ecparam -genkey -name prime256v1 -noout -out ec_sec1.pem
openssl pkeyutl -sign -inkey sm2_private.pem -rawin -digest sm3 -in message.txt \
    -pkeyopt distid:1234567812345678 | base64 -w0 > sm2_sm3.sig.b64

cat > "$work/ca.cnf" <<CNF
[ca]
default_ca = one
[one]
database = $work/index.txt
serial = $work/serial
new_certs_dir = $work
policy = any
default_md = sha256
unique_subject = no
email_in_dn = yes
[any]
countryName = optional
organizationName = optional
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
[req]
distinguished_name = dn
utf8 = yes
string_mask = utf8only
[dn]
CNF
: > "$work/index.txt"

request() { # request NAME SUBJECT KEY
    openssl req -new -utf8 -config "$work/ca.cnf" -key "$3" -subj "$2" -out "$work/$1.csr"
}
issue() { # issue NAME SERIAL START END EXTENSIONS HOW...
    name=$1 serial=$2 start=$3 end=$4 extensions=$5
    shift 5
    printf '%s\n' "$serial" > "$work/serial"
    openssl ca -batch -notext -utf8 -config "$work/ca.cnf" -extensions "$extensions" \
        -startdate "$start" -enddate "$end" -in "$work/$name.csr" -out "$name.crt" "$@"
}

for name in root middle other; do
    openssl ecparam -genkey -name prime256v1 -noout -out "$work/$name.key"
done
request root '/C=CN/O=蚂蚁, Test/CN=Root' "$work/root.key"
issue root 01 20200101000000Z 20400101000000Z authority -selfsign -keyfile "$work/root.key"
request other '/C=CN/O=Other/CN=Other Root' "$work/other.key"
issue other 02 20200101000000Z 20400101000000Z authority -selfsign -keyfile "$work/other.key"
request middle '/C=CN/O=Test/CN=Middle' "$work/middle.key"
issue middle 03 20200101000000Z 20400101000000Z authority -cert root.crt -keyfile "$work/root.key"
request leaf '/C=CN/O=Test/CN=Leaf' rsa_pkcs8.pem
issue leaf 7A3C99D1E2F00455667788 20250101000000Z 20270101000000Z leaf -cert middle.crt -keyfile "$work/middle.key"
# An end certificate that tries to be an authority.
request forged '/C=CN/O=Test/CN=Forged' "$work/other.key"
issue forged 05 20250101000000Z 20270101000000Z leaf -cert leaf.crt -keyfile rsa_pkcs8.pem
openssl req -new -x509 -key sm2_private.pem -sm3 -sigopt distid:1234567812345678 -days 7300 \
    -config "$work/ca.cnf" -extensions authority -subj '/C=CN/O=Test/CN=SM2 Root' -out sm2_root.crt

cat leaf.crt middle.crt > chain.crt
{
    echo 'A bundle with text between its members.'
    cat sm2_root.crt
    cat rsa_public_spki.pem
    cat other.crt root.crt
} > bundle.crt

# What the openssl program says about the leaf, for comparison.
openssl x509 -in leaf.crt -noout -serial | sed 's/.*=//' > "$work/serial.hex"
python3 -c "print(int(open('$work/serial.hex').read(), 16), end='')" > leaf.serial.txt
openssl x509 -in middle.crt -noout -issuer -nameopt RFC2253,-esc_msb | sed 's/^issuer=//' |
    tr -d '\n' > middle.issuer.txt

# PKCS#12: with a stranger beside the key's own certificate, and three that are refused.
openssl pkcs12 -export -inkey rsa_pkcs8.pem -in leaf.crt -certfile other.crt -passout pass:secret -out key.pfx
openssl pkcs12 -export -inkey rsa_pkcs8.pem -nocerts -passout pass:secret -out key_alone.pfx
openssl pkcs12 -export -nokeys -in leaf.crt -passout pass:secret -out key_missing.pfx
openssl pkcs12 -export -inkey rsa_pkcs8.pem -in leaf.crt -nomac -passout pass:secret -out key_no_mac.pfx

# Subjects with two common names, and with a NUL in the only one.
openssl req -new -x509 -key rsa_pkcs8.pem -days 7300 -config "$work/ca.cnf" -subj '/CN=One/CN=Two' -out two_names.crt
openssl req -new -x509 -key rsa_pkcs8.pem -days 7300 -config "$work/ca.cnf" -subj '/CN=One@Two' -outform DER -out "$work/name.der"
python3 -c "import sys; sys.stdout.buffer.write(open('$work/name.der', 'rb').read().replace(b'One@Two', b'One\0Two'))" |
    openssl x509 -inform DER -out nul_name.crt
