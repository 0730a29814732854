// One process with what a Kubernetes API server needs: its store and itself, on the loopback.
package main

import (
	"log"
	"net/url"
	"os"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

// UNLEAK_LAB_ETCD names the folder of the store; UNLEAK_LAB_ETCD_CLIENT and _PEER are its addresses.
func main() {
	config := embed.NewConfig()
	config.Dir = os.Getenv("UNLEAK_LAB_ETCD")
	config.ListenClientUrls = []url.URL{address("UNLEAK_LAB_ETCD_CLIENT")}
	config.AdvertiseClientUrls = config.ListenClientUrls
	config.ListenPeerUrls = []url.URL{address("UNLEAK_LAB_ETCD_PEER")}
	config.AdvertisePeerUrls = config.ListenPeerUrls
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.LogLevel = "error"
	config.UnsafeNoFsync = true
	store, err := embed.StartEtcd(config)
	if err != nil {
		log.Fatal(err)
	}
	<-store.Server.ReadyNotify()
	code := cli.Run(app.NewAPIServerCommand())
	store.Close()
	os.Exit(code)
}

func address(name string) url.URL {
	parsed, err := url.Parse(os.Getenv(name))
	if err != nil {
		log.Fatal(err)
	}
	return *parsed
}
