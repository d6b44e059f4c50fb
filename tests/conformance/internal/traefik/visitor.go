package traefik

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// door is where Traefik listens.
type door struct {
	plain, secure, api string
	trust              *x509.CertPool
}

// visitor is one browser with an address of its own, told to Traefik by the PROXY protocol.
type visitor struct {
	door door
	from netip.Addr
	// cookies go with every request.
	cookies string
	http    *http.Client
}

// answer is what came back; Reached says which backend it came from, if any.
type answer struct {
	Code    int
	Header  http.Header
	Reached *seen
}

func (door door) visitor(from netip.Addr, cookies string) *visitor {
	made := &visitor{door: door, from: from, cookies: cookies}
	made.http = &http.Client{
		Timeout: 20 * time.Second,
		Transport: &http.Transport{
			DialContext:           func(context.Context, string, string) (net.Conn, error) { return made.dial(door.plain) },
			DialTLSContext:        made.dialSecure,
			MaxIdleConnsPerHost:   64,
			DisableCompression:    true,
			ExpectContinueTimeout: 10 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return made
}

func (visitor *visitor) close() { visitor.http.CloseIdleConnections() }

func (visitor *visitor) dial(address string) (net.Conn, error) {
	connection, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return nil, err
	}
	family, to := "TCP4", "192.0.2.1"
	if visitor.from.Is6() {
		family, to = "TCP6", "2001:db8::1"
	}
	if _, err := fmt.Fprintf(connection, "PROXY %s %s %s 40000 443\r\n", family, visitor.from, to); err != nil {
		_ = connection.Close()
		return nil, err
	}
	return connection, nil
}

func (visitor *visitor) dialSecure(_ context.Context, _, address string) (net.Conn, error) {
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	return visitor.handshake(&tls.Config{ServerName: name, RootCAs: visitor.door.trust})
}

func (visitor *visitor) handshake(settings *tls.Config) (*tls.Conn, error) {
	connection, err := visitor.dial(visitor.door.secure)
	if err != nil {
		return nil, err
	}
	secured := tls.Client(connection, settings)
	if err := secured.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return nil, err
	}
	if err := secured.Handshake(); err != nil {
		_ = connection.Close()
		return nil, err
	}
	return secured, nil
}

// request is one to make; a body of Length bytes is announced, and sent when it is small.
type request struct {
	Method, Host, Path string
	// Scheme is https unless it is given.
	Scheme string
	Header map[string]string
	Length int64
	// Name is the server name of TLS where it differs from the host.
	Claim string
}

// ask makes a request.
func (visitor *visitor) ask(wanted request) (answer, error) {
	scheme := wanted.Scheme
	if scheme == "" {
		scheme = "https"
	}
	host := wanted.Host
	made, err := http.NewRequest(wanted.Method, scheme+"://"+host+wanted.Path, nil)
	if err != nil {
		return answer{}, err
	}
	if wanted.Claim != "" {
		made.Host = wanted.Claim
	}
	if wanted.Length > 0 {
		made.Body = io.NopCloser(io.LimitReader(zeros{}, wanted.Length))
		made.ContentLength = wanted.Length
		// A body that will be refused is then not sent.
		made.Header.Set("Expect", "100-continue")
	}
	for name, value := range wanted.Header {
		// As it is, because some of the names are meant to be odd.
		made.Header[name] = []string{value}
	}
	if visitor.cookies != "" {
		made.Header.Set("Cookie", visitor.cookies)
	}
	response, err := visitor.http.Do(made)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	got := answer{Code: response.StatusCode, Header: response.Header}
	var reached seen
	if json.Unmarshal(text, &reached) == nil && reached.Namespace != "" {
		got.Reached = &reached
	}
	return got, nil
}

// converse opens a websocket, says one line and returns the answer's code, who answers and what came back.
func (visitor *visitor) converse(host, path string) (code int, who, echo string, err error) {
	connection, err := visitor.handshake(&tls.Config{ServerName: host, RootCAs: visitor.door.trust})
	if err != nil {
		return 0, "", "", err
	}
	defer func() { _ = connection.Close() }()
	text := "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	if visitor.cookies != "" {
		text += "Cookie: " + visitor.cookies + "\r\n"
	}
	if _, err := connection.Write([]byte(text + "\r\n")); err != nil {
		return 0, "", "", err
	}
	reader := bufio.NewReader(connection)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		return 0, "", "", err
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		_ = response.Body.Close()
		return response.StatusCode, "", "", nil
	}
	if who, err = reader.ReadString('\n'); err != nil {
		return response.StatusCode, "", "", err
	}
	if _, err := connection.Write([]byte("are you there\n")); err != nil {
		return response.StatusCode, "", "", err
	}
	echo, err = reader.ReadString('\n')
	return response.StatusCode, strings.TrimSpace(who), strings.TrimSpace(echo), err
}

// zeros is a body without end.
type zeros struct{}

func (zeros) Read(buffer []byte) (int, error) {
	clear(buffer)
	return len(buffer), nil
}
