package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
)

// writeCredentials writes the administrator's token and a fresh key for service account tokens. The serving certificate is
// the self-signed one that the API server makes for itself.
func writeCredentials(directory string) error {
	tokens := Token + ",administrator,administrator,system:masters\n"
	if err := os.WriteFile(filepath.Join(directory, "tokens.csv"), []byte(tokens), 0o600); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	encoded, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded})
	return os.WriteFile(filepath.Join(directory, "service-account.key"), block, 0o600)
}

func writeKubeconfig(path, url string) error {
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- name: conformance
  cluster:
    server: %s
    insecure-skip-tls-verify: true
users:
- name: administrator
  user:
    token: %s
contexts:
- name: conformance
  context:
    cluster: conformance
    user: administrator
current-context: conformance
`, url, Token)
	return os.WriteFile(path, []byte(text), 0o600)
}
