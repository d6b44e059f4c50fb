package traefik

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"formwork.example/conformance/internal/network"
)

// seen is what a backend says about a request that reached it.
type seen struct {
	// Namespace and Port are whose pod it was and by which named port.
	Namespace, Port string
	Host, Path      string
	Header          http.Header
	Bytes           int64
}

// backend plays every Odoo pod and the login service.
type backend struct {
	// pods are namespace and port name by address, as the EndpointSlices name them.
	pods map[string]seen
	// logins are the services that decide about requests, by address.
	logins map[string]bool
	mutex  sync.Mutex
	// held is closed to release the requests that asked to be kept waiting.
	held chan struct{}
}

const (
	// askHold makes the backend wait, askSize makes it answer with so many bytes.
	askHold, askSize = "X-Conformance-Hold", "X-Conformance-Size"
	cookie           = "conformance=logged-in"
	somebody         = "alice"
)

func (backend *backend) release() {
	backend.mutex.Lock()
	defer backend.mutex.Unlock()
	close(backend.held)
	backend.held = make(chan struct{})
}

func (backend *backend) wait() {
	backend.mutex.Lock()
	held := backend.held
	backend.mutex.Unlock()
	<-held
}

// ServeHTTP answers with what reached it.
func (backend *backend) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	address := network.AddressOf(request)
	if backend.logins[address] {
		login(response, request)
		return
	}
	reached, known := backend.pods[address]
	if !known {
		http.Error(response, "no pod has the address "+address, http.StatusBadGateway)
		return
	}
	if strings.EqualFold(request.Header.Get("Upgrade"), "websocket") {
		speak(response, reached)
		return
	}
	read, err := io.Copy(io.Discard, request.Body)
	if err != nil {
		return
	}
	if request.Header.Get(askHold) != "" {
		backend.wait()
	}
	// Odoo's web server decodes the path once.
	path, err := url.PathUnescape(request.URL.EscapedPath())
	if err != nil {
		path = request.URL.EscapedPath()
	}
	reached.Host, reached.Path, reached.Header, reached.Bytes = request.Host, path, request.Header, read
	// What a proxy must not let out.
	response.Header().Set("Server", "Werkzeug/3.0 Python/3.12")
	response.Header().Set("X-Powered-By", "Odoo")
	response.Header().Set("Content-Type", "application/json")
	text, err := json.Marshal(reached)
	if err != nil {
		return
	}
	size, _ := strconv.Atoi(request.Header.Get(askSize))
	_, _ = response.Write(append(text, strings.Repeat(" ", max(0, size-len(text)))...))
}

// speak accepts a websocket, says who it is and then echoes.
func speak(response http.ResponseWriter, reached seen) {
	hijacker, can := response.(http.Hijacker)
	if !can {
		return
	}
	connection, buffered, err := hijacker.Hijack()
	if err != nil {
		return
	}
	defer func() { _ = connection.Close() }()
	text := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" + reached.Namespace + " " + reached.Port + "\n"
	if _, err := connection.Write([]byte(text)); err != nil {
		return
	}
	_, _ = io.Copy(connection, buffered)
}

// login plays the service that a forward-auth middleware asks.
func login(response http.ResponseWriter, request *http.Request) {
	if !strings.Contains(request.Header.Get("Cookie"), cookie) {
		http.Error(response, "log in first", http.StatusUnauthorized)
		return
	}
	response.Header().Set("X-Auth-Request-User", somebody)
	response.Header().Set("X-Auth-Request-Email", somebody+"@formwork.example")
}

func join(address string, port int) string { return net.JoinHostPort(address, strconv.Itoa(port)) }
