#!/bin/sh
# Send payments to Sluicegate's HTTP gateway with curl: one line of CSV on standard input, one request.
#
#     sluicegate gateway token new --tenant acme --name payroll > acme.token
#     openssl rand -hex 32 > acme.secret
#     GATEWAY=http://localhost:8090 TENANT=acme SECRET_FILE=acme.secret TOKEN_FILE=acme.token \
#         ./send_payments.sh < payments.csv
#
# Columns: payment_id, payee_id, run_id, routing_number, account_number, amount (USD). Account numbers stay here: a
# fingerprint goes out, keyed with the tenant's secret, and the last four digits. Sending the same payment again is
# harmless: its event has the same id. Ids here are letters, digits and dashes; escape others for JSON.
set -eu

bare() { printf %s "$1" | tr -d ' \t\r-' | tr '[:lower:]' '[:upper:]'; }

# The account as alerts name it; the same for the same account, and of no use without the secret. Who may list this
# machine's processes sees openssl's arguments for a moment: on a shared one, let a program of yours do this.
fingerprint() {
  printf 'fp_'
  printf 'fp\n%s\n%s\n%s\n%s' "$@" | openssl dgst -sha256 -hmac "$(cat "$SECRET_FILE")" -r | cut -c1-24
}

read -r _heading
sent=0
while IFS=, read -r payment payee run routing number amount; do
  routing=$(bare "$routing") number=$(bare "$number") amount=$(bare "$amount")
  account=$(printf '{"fp":"%s","scheme":"us_aba","country":"US","bank_id":"%s","last4":"%s"}' \
    "$(fingerprint us_aba US "$routing" "$number")" "$routing" "$(printf %s "$number" | tail -c 4)")
  # binary mode: attributes in headers, the payment as the body; the token comes by a pipe, not as an argument
  printf 'header = "authorization: Bearer %s"\n' "$(cat "$TOKEN_FILE")" |
    curl --silent --show-error --fail-with-body --config - "${GATEWAY:-http://localhost:8090}/v1/events" \
      --header 'content-type: application/json' --header 'ce-specversion: 1.0' --header "ce-id: $payment" \
      --header 'ce-source: /examples/curl' --header 'ce-type: payroll.payment.v1' --header "ce-tenantid: $TENANT" \
      --header "ce-time: $(date -u +%Y-%m-%dT%H:%M:%SZ)" --data "{\"payment_id\":\"$payment\",
        \"payee\":{\"payee_id\":\"$payee\",\"kind\":\"employee\"},\"account\":$account,
        \"amount\":{\"value\":\"$amount\",\"currency\":\"USD\"},\"schedule\":{\"rail\":\"ach\",\"run_id\":\"$run\"}}"
  sent=$((sent + 1))
done
echo "$sent payments sent" >&2
