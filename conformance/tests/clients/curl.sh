#!/usr/bin/env bash
# The words of curl. Arguments: the CA's file. A fault a line comes in, tab-separated: name, URL,
# proxy or `-`, seconds it may take; its name and what is told of it go out. First goes out `stack`
# and which it is.
set -u
# Its own version and that of its TLS.
printf 'stack\t%s\n' "$(curl --version | sed -n '1s/^\(curl [^ ]*\).* \([A-Za-z]*SSL\/[^ ]*\).*/\1, \2/p')"
while IFS=$'\t' read -r name url proxy seconds; do
    options=(--silent --show-error --location --cacert "$1" --max-time "$seconds")
    # With --fail it gives a proxy's status for the instance's.
    if [ "$proxy" = - ]; then options+=(--fail); else options+=(--proxy "$proxy"); fi
    words=$(curl "${options[@]}" --user "$SYNC_USER:$SYNC_PASSWORD" "$url" 2>&1 >/dev/null </dev/null)
    printf '%s\t%s\n' "$name" "${words//$'\n'/ }"
done
