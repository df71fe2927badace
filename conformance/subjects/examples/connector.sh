#!/bin/sh
# A connector that speaks Snowproof's native protocol: a shell and curl. It reads flat records without braces in them.
umask 077 # answers may carry a session
value() { printf '%s' "$run" | sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }
finish() { # class, message, next step
  printf '{"type":"result","run_id":"%s","outcome":"failure","diagnosis":{"class":"%s","message":"%s","next_step":"%s"}}\n' \
    "$run_id" "$1" "$2" "$3"
  exit 1
}

get() { # limit, offset: the answer's body in $body, or the end
  attempt=0
  while attempt=$((attempt + 1)); do
    printf 'user = "%s:%s"\n' "$(value user)" "$(value password)" |
      curl --silent --config - --cacert "$(value ca_file)" --max-time "$(value timeout)" \
        --dump-header "$folder/head" --output "$folder/body" --header 'Accept: application/json' \
        "$(value base_url)/api/now/table/$table?sysparm_query=ORDERBYsys_id&sysparm_fields=sys_id,sys_mod_count&sysparm_limit=$1&sysparm_offset=$2"
    ended=$?
    case $ended in
      0) ;;
      6) finish net.dns "the name of the instance is not known" "check the URL" ;;
      7) finish net.refused "the instance refuses the connection" "check the URL and the network" ;;
      60) finish tls.untrusted "the certificate of the instance is not trusted" "have its authority trusted" ;;
      *) finish net.closed "no connection: curl ended with $ended" "check the network" ;;
    esac
    status=$(sed -n '1s/^[^ ]* \([0-9]*\).*/\1/p' "$folder/head")
    case $status in
      200) body=$(cat "$folder/body") && break ;;
      401) finish auth.invalid_credentials "the instance refuses the login" "check user name and password" ;;
      403) finish authz.role "the account may not read this" "ask the administrator for the role" ;;
      429 | 503)
        [ $attempt -lt 5 ] || finish instance.unavailable "the instance answered $status again and again" "try again later"
        wait=$(tr -d '\r' < "$folder/head" | sed -n 's/^[Rr]etry-[Aa]fter: \([0-9]*\)$/\1/p')
        [ "${wait:-0}" -le 60 ] || finish throttle.rate_limit "the instance asks to wait $wait seconds" "try again then"
        sleep "${wait:-$((1 << attempt))}" ;;
      *) finish instance.error "the instance answered $status" "ask the administrator" ;;
    esac
  done
  case $body in '{"result":['*) ;; *) finish protocol.not_json "the answer is no list of records" "see that the instance is awake" ;; esac
}

printf '{"type":"hello","protocol":"snowproof.native/1","name":"example-shell","version":"1","capabilities":["check","sync","basic"]}\n'
IFS= read -r run
run_id=$(value run_id) table=$(value table) size=$(value page_size) folder=$(value out_dir) offset=0
case $run in *'"verb":"check"'*) get 1 0 ;; *)
  while get "$size" "$offset" && [ "$body" != '{"result":[]}' ]; do
    printf '%s' "$body" | sed 's/^{"result":\[//; s/\]}$//; s/},{/}\n{/g; s/$/\n/' | while IFS= read -r record; do
      [ -z "$record" ] || printf '{"type":"record","run_id":"%s","table":"%s","record":%s}\n' "$run_id" "$table" "$record"
    done
    offset=$((offset + size))
  done ;;
esac
printf '{"type":"result","run_id":"%s","outcome":"success"}\n' "$run_id"
