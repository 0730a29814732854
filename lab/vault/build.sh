#!/usr/bin/env bash
# Builds the Vault server of the lab: its released module, and the SDK release that fits it best.
#
# Vault's own go.mod takes its SDK from beside it, as it was that day; the release v0.21.0 differs
# in one callback, of a feature that the lab does not use.  Two lines of a copy are adapted to it.
set -euo pipefail
cd "$(dirname "$0")"
lab=$(realpath -m ../../.lab)
copy=$lab/vault-source
mkdir -p "$lab"
go mod download github.com/hashicorp/vault
rm -rf "$copy"
cp -r "$(go list -m -f '{{.Dir}}' github.com/hashicorp/vault)" "$copy"
chmod -R u+w "$copy"
rm -rf "$copy/ui" "$copy/website"

adapted() { # FILE OLD NEW
  grep -qF "$2" "$copy/vault/$1" || { echo "$1 is not what this was written for" >&2; exit 1; }
  sed -i "s|$2|$3|" "$copy/vault/$1"
}
adapted identity_store.go 'ActivationFunc: iStore.activateDeduplication,' \
  'ActivationFunc: func(ctx context.Context, req *logical.Request, _ string) error { return iStore.activateDeduplication(ctx, req) },'
adapted logical_system_activation_flags.go 'ActivationFunc(ctx, nil)' 'ActivationFunc(ctx, nil, "")'

cp go.mod "$lab/vault.mod"
cp go.sum "$lab/vault.sum"
go mod edit -replace "github.com/hashicorp/vault=$copy" "$lab/vault.mod"
CGO_ENABLED=0 nice -n "${NICE:-5}" \
  go build -modfile "$lab/vault.mod" -trimpath -ldflags '-s -w' -o "$lab/vault" .
