#!/bin/sh
# Makes the certificates that rcgen cannot: see README.md. The authorities' private keys are thrown
# away; OpenSSL's command line is all that is needed.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out leaf-key.pem
openssl req -new -key leaf-key.pem -subj "/CN=instance.test" -out "$work/leaf.csr"
cat > "$work/ca.cnf" <<CNF
[ca]
default_ca = own
[own]
new_certs_dir = $work
database = $work/index
rand_serial = yes
policy = any
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
authorityKeyIdentifier = none
subjectAltName = DNS:*.instance.test, DNS:*.service-now.com, DNS:*.servicenowservices.com, DNS:localhost, IP:127.0.0.1, IP:::1
CNF

# name, bits of the authority's key, digest of its signature
leaf() {
    : > "$work/index"
    openssl genrsa -out "$work/key" "$2" 2>/dev/null
    openssl req -x509 -new -key "$work/key" -sha256 -days 1 -subj "/CN=Snowproof $1/O=Snowproof" \
        -out "$work/authority"
    openssl ca -config "$work/ca.cnf" -batch -notext -in "$work/leaf.csr" -cert "$work/authority" \
        -keyfile "$work/key" -md "$3" -startdate 20200101000000Z -enddate 21010101000000Z \
        -out "$1.pem" 2>/dev/null
    openssl rsa -in "$work/key" -RSAPublicKey_out -outform DER -out "$1-authority.der" 2>/dev/null
}
leaf sha1-signature 2048 sha1
leaf weak-authority 1024 sha256
