package peers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"

	"sigs.k8s.io/yaml"
)

// predicates returns the statements that decide whether a metric is read; they must run in an empty database too.
func predicates(queries string) []string {
	var metrics map[string]struct {
		Predicate string `json:"predicate_query"`
	}
	if err := yaml.Unmarshal([]byte(queries), &metrics); err != nil {
		return []string{"-- the queries are no YAML: " + err.Error()}
	}
	var statements []string
	for _, metric := range metrics {
		if metric.Predicate != "" {
			statements = append(statements, metric.Predicate)
		}
	}
	return statements
}

// selfSigned returns a certificate and its key, so that access rules for TLS mean something to the server.
func selfSigned() (string, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "conformance"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(24 * time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", "", err
	}
	encoded, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return "", "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})),
		string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded})), nil
}
