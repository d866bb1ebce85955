#!/bin/sh
# Made by `sluicegate docs`; do not edit.
# Gives the components of Sluicegate, or those named, their rights in Kafka:
#   BROKER=kafka:9093 CONFIG=admin.properties ./acls.sh [COMPONENT…]
# CONFIG: properties of an admin who may Alter the cluster. PREFIX and APP as in SLUICEGATE_TOPIC_PREFIX and
# SLUICEGATE_APP_ID; USERS is put in front of the components' names to make their users'.
set -eu
: "${BROKER:?host:port of Kafka}" "${CONFIG:?file of the admin's client properties}"
PREFIX="${PREFIX-}" APP="${APP-sluicegate}" USERS="${USERS-}"

acl() {
  "${KAFKA_ACLS:-kafka-acls.sh}" --bootstrap-server "$BROKER" --command-config "$CONFIG" --add "$@"
}

rights_of_worker() {
  acl --allow-principal "User:${USERS}worker" --operation Read --topic "${PREFIX}payroll-payments"
  acl --allow-principal "User:${USERS}worker" --operation Read --topic "${PREFIX}vendor-payments"
  acl --allow-principal "User:${USERS}worker" --operation Read --topic "${PREFIX}payee-changes"
  acl --allow-principal "User:${USERS}worker" --operation Read --topic "${PREFIX}payout-requests"
  acl --allow-principal "User:${USERS}worker" --operation Read --topic "${PREFIX}payment-status"
  acl --allow-principal "User:${USERS}worker" --operation Read --topic "${PREFIX}worker-lifecycle"
  acl --allow-principal "User:${USERS}worker" --operation Read --topic "${PREFIX}policies"
  acl --allow-principal "User:${USERS}worker" --operation Read --operation Write --topic "${PREFIX}sanctions"
  acl --allow-principal "User:${USERS}worker" --operation Read --topic "${PREFIX}dispositions"
  acl --allow-principal "User:${USERS}worker" --operation Read --operation Write --topic "${PREFIX}counts"
  acl --allow-principal "User:${USERS}worker" --operation Describe --topic "${PREFIX}runs"
  acl --allow-principal "User:${USERS}worker" --operation Read --operation Write --operation DescribeConfigs --topic "${PREFIX}events"
  acl --allow-principal "User:${USERS}worker" --operation Read --operation Write --operation DescribeConfigs --topic "${PREFIX}state"
  acl --allow-principal "User:${USERS}worker" --operation Read --operation Write --operation DescribeConfigs --topic "${PREFIX}shared-state"
  acl --allow-principal "User:${USERS}worker" --operation Read --operation Write --operation DescribeConfigs --topic "${PREFIX}sightings"
  acl --allow-principal "User:${USERS}worker" --operation Write --topic "${PREFIX}decisions"
  acl --allow-principal "User:${USERS}worker" --operation Write --topic "${PREFIX}alerts"
  acl --allow-principal "User:${USERS}worker" --operation Write --topic "${PREFIX}signals"
  acl --allow-principal "User:${USERS}worker" --operation Write --topic "${PREFIX}dead-letters"
  acl --allow-principal "User:${USERS}worker" --operation Read --group "${APP}"
  acl --allow-principal "User:${USERS}worker" --operation Describe --operation Write --transactional-id "${APP}-" --resource-pattern-type prefixed
  acl --allow-principal "User:${USERS}worker" --operation Describe --operation Write --transactional-id "${APP}/shared-" --resource-pattern-type prefixed
}

rights_of_console() {
  acl --allow-principal "User:${USERS}console" --operation Read --topic "${PREFIX}alerts"
  acl --allow-principal "User:${USERS}console" --operation Read --topic "${PREFIX}signals"
  acl --allow-principal "User:${USERS}console" --operation Read --topic "${PREFIX}sanctions"
  acl --allow-principal "User:${USERS}console" --operation Read --topic "${PREFIX}events"
  acl --allow-principal "User:${USERS}console" --operation Write --topic "${PREFIX}dispositions"
}

rights_of_gateway() {
  acl --allow-principal "User:${USERS}gateway" --operation Write --topic "${PREFIX}payroll-payments"
  acl --allow-principal "User:${USERS}gateway" --operation Write --topic "${PREFIX}vendor-payments"
  acl --allow-principal "User:${USERS}gateway" --operation Write --topic "${PREFIX}payee-changes"
  acl --allow-principal "User:${USERS}gateway" --operation Write --topic "${PREFIX}payout-requests"
  acl --allow-principal "User:${USERS}gateway" --operation Write --topic "${PREFIX}payment-status"
  acl --allow-principal "User:${USERS}gateway" --operation Write --topic "${PREFIX}worker-lifecycle"
  acl --allow-principal "User:${USERS}gateway" --operation Write --operation Read --topic "${PREFIX}policies"
  acl --allow-principal "User:${USERS}gateway" --operation Write --topic "${PREFIX}dispositions"
  acl --allow-principal "User:${USERS}gateway" --operation Read --operation Write --topic "${PREFIX}runs"
  acl --allow-principal "User:${USERS}gateway" --operation Read --topic "${PREFIX}decisions"
}

rights_of_notify() {
  acl --allow-principal "User:${USERS}notify" --operation Read --topic "${PREFIX}alerts"
}

rights_of_importer() {
  acl --allow-principal "User:${USERS}importer" --operation Write --topic "${PREFIX}payroll-payments"
  acl --allow-principal "User:${USERS}importer" --operation Write --topic "${PREFIX}vendor-payments"
  acl --allow-principal "User:${USERS}importer" --operation Write --topic "${PREFIX}payment-status"
  acl --allow-principal "User:${USERS}importer" --operation Write --topic "${PREFIX}dead-letters"
  acl --allow-principal "User:${USERS}importer" --operation Write --topic "${PREFIX}runs"
}

rights_of_producer() {
  acl --allow-principal "User:${USERS}producer" --operation Write --topic "${PREFIX}payroll-payments"
  acl --allow-principal "User:${USERS}producer" --operation Write --topic "${PREFIX}vendor-payments"
  acl --allow-principal "User:${USERS}producer" --operation Write --topic "${PREFIX}payee-changes"
  acl --allow-principal "User:${USERS}producer" --operation Write --topic "${PREFIX}payout-requests"
  acl --allow-principal "User:${USERS}producer" --operation Write --topic "${PREFIX}payment-status"
  acl --allow-principal "User:${USERS}producer" --operation Write --topic "${PREFIX}worker-lifecycle"
}

rights_of_lists() {
  acl --allow-principal "User:${USERS}lists" --operation Read --operation Write --topic "${PREFIX}sanctions"
}

rights_of_policies() {
  acl --allow-principal "User:${USERS}policies" --operation Read --operation Write --topic "${PREFIX}policies"
}

rights_of_reader() {
  acl --allow-principal "User:${USERS}reader" --operation Read --topic "${PREFIX}alerts"
  acl --allow-principal "User:${USERS}reader" --operation Read --topic "${PREFIX}decisions"
  acl --allow-principal "User:${USERS}reader" --operation Read --topic "${PREFIX}signals"
  acl --allow-principal "User:${USERS}reader" --operation Read --topic "${PREFIX}dead-letters"
  acl --allow-principal "User:${USERS}reader" --operation Read --topic "${PREFIX}sanctions"
}

rights_of_exporter() {
  acl --allow-principal "User:${USERS}exporter" --operation Read --topic "${PREFIX}alerts"
  acl --allow-principal "User:${USERS}exporter" --operation Write --topic "${PREFIX}ocsf"
  acl --allow-principal "User:${USERS}exporter" --operation Read --group "${PREFIX}sluicegate-ocsf"
}

rights_of_lag() {
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}payroll-payments"
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}vendor-payments"
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}payee-changes"
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}payout-requests"
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}payment-status"
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}worker-lifecycle"
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}policies"
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}sanctions"
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}dispositions"
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}counts"
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}events"
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}state"
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}sightings"
  acl --allow-principal "User:${USERS}lag" --operation Read --topic "${PREFIX}shared-state"
  acl --allow-principal "User:${USERS}lag" --operation Describe --group "${APP}"
}

rights_of_canary() {
  acl --allow-principal "User:${USERS}canary" --operation Write --topic "${PREFIX}vendor-payments"
  acl --allow-principal "User:${USERS}canary" --operation Write --topic "${PREFIX}policies"
  acl --allow-principal "User:${USERS}canary" --operation Write --topic "${PREFIX}dispositions"
  acl --allow-principal "User:${USERS}canary" --operation Read --topic "${PREFIX}alerts"
}

rights_of_operator() {
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --operation Write --topic "${PREFIX}payroll-payments"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --operation Write --topic "${PREFIX}vendor-payments"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --operation Write --topic "${PREFIX}payee-changes"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --operation Write --topic "${PREFIX}payout-requests"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --operation Write --topic "${PREFIX}payment-status"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --operation Write --topic "${PREFIX}worker-lifecycle"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --operation Write --topic "${PREFIX}policies"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --operation Write --topic "${PREFIX}sanctions"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --operation Write --topic "${PREFIX}dispositions"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --topic "${PREFIX}runs"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --operation Write --topic "${PREFIX}events"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --topic "${PREFIX}state"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --topic "${PREFIX}shared-state"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --topic "${PREFIX}decisions"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --topic "${PREFIX}alerts"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --topic "${PREFIX}signals"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --topic "${PREFIX}dead-letters"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --topic "${PREFIX}sightings"
  acl --allow-principal "User:${USERS}operator" --operation Create --operation Read --operation Describe --operation DescribeConfigs --topic "${PREFIX}counts"
  acl --allow-principal "User:${USERS}operator" --operation Describe --group "${APP}"
}

for component in "${@:-worker console gateway notify importer producer lists policies reader exporter lag canary operator}"; do
  for one in $component; do "rights_of_$one"; done
done
