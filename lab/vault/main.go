// A Vault server in one process: its core and HTTP API, the AWS secrets engine, storage in memory.
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/vault/builtin/credential/userpass"
	"github.com/hashicorp/vault/builtin/logical/aws"
	"github.com/hashicorp/vault/helper/namespace"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

// UNLEAK_LAB_VAULT is the address to listen on.  The root token goes into the file that
// UNLEAK_LAB_VAULT_TOKEN names, last: once it is there, the server answers.
func main() {
	logger := hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr})
	storage, err := inmem.NewInmem(nil, logger)
	check(err)
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:           storage,
		Logger:             logger,
		BuiltinRegistry:    registry{},
		LogicalBackends:    map[string]logical.Factory{"aws": aws.Factory},
		CredentialBackends: map[string]logical.Factory{"userpass": userpass.Factory},
		DisableMlock:       true,
		DefaultLeaseTTL:    time.Hour,
		MaxLeaseTTL:        24 * time.Hour,
	})
	check(err)
	token := unseal(core)
	handler := vaulthttp.Handler.Handler(&vault.HandlerProperties{
		Core:           core,
		ListenerConfig: &configutil.Listener{},
	})
	server := &http.Server{
		Addr:              os.Getenv("UNLEAK_LAB_VAULT"),
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
	}
	file := os.Getenv("UNLEAK_LAB_VAULT_TOKEN")
	check(os.WriteFile(file, []byte(token), 0o600))
	log.Fatal(server.ListenAndServe())
}

func unseal(core *vault.Core) string {
	ctx := namespace.RootContext(context.Background())
	shares := &vault.SealConfig{SecretShares: 1, SecretThreshold: 1}
	made, err := core.Initialize(ctx, &vault.InitParams{BarrierConfig: shares})
	check(err)
	if _, err := core.Unseal(made.SecretShares[0]); err != nil {
		log.Fatal(err)
	}
	return made.RootToken
}

// registry says which engines are built in, so that none is looked for as a program of its own.
type registry struct{}

func (registry) Contains(name string, kind consts.PluginType) bool {
	return name == "aws" && kind == consts.PluginTypeSecrets ||
		name == "userpass" && kind == consts.PluginTypeCredential
}

func (registry) Get(name string, kind consts.PluginType) (func() (interface{}, error), bool) {
	switch {
	case name == "aws" && kind == consts.PluginTypeSecrets:
		return func() (interface{}, error) { return logical.Factory(aws.Factory), nil }, true
	case name == "userpass" && kind == consts.PluginTypeCredential:
		return func() (interface{}, error) { return logical.Factory(userpass.Factory), nil }, true
	}
	return nil, false
}

func (registry) Keys(kind consts.PluginType) []string {
	switch kind {
	case consts.PluginTypeSecrets:
		return []string{"aws"}
	case consts.PluginTypeCredential:
		return []string{"userpass"}
	}
	return nil
}

func (r registry) DeprecationStatus(name string, kind consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, r.Contains(name, kind)
}

func (registry) IsBuiltinEntPlugin(string, consts.PluginType) bool { return false }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
