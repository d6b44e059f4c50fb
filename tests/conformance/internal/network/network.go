// Package network stands in for the world that a cluster reaches: pods, login services, repositories.
package network

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
)

// Network stands in for that of a cluster. An EndpointSlice may not name a loopback address, so the pods have addresses of
// a documentation range, programs reach them through a SOCKS proxy, and the proxy is this: it reads which address is meant
// and hands the connection to the web server of the test, names of hosts included. Nothing leaves the machine.
type Network struct {
	listener net.Listener
	// certificate is presented where the address is one of HTTPS.
	certificate tls.Certificate
	server      *http.Server
}

// dialled is a connection that knows to which address it was made.
type dialled struct {
	net.Conn
	address string
}

type addressKey struct{}

// Start serves all addresses with one handler, which asks AddressOf for the one that was meant; port 443 speaks TLS with a
// certificate for these names.
func Start(authority *Authority, names []string, handler http.Handler) (*Network, error) {
	certificate, key, err := authority.Issue(names)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	started := &Network{listener: listener, certificate: pair}
	started.server = &http.Server{
		Handler: handler,
		ConnContext: func(base context.Context, connection net.Conn) context.Context {
			if meant, isDialled := connection.(*dialled); isDialled {
				return context.WithValue(base, addressKey{}, meant.address)
			}
			return base
		},
	}
	go func() { _ = started.server.Serve(accepting{started}) }()
	return started, nil
}

// AddressOf returns the host and port that the client of a request dialled.
func AddressOf(request *http.Request) string {
	address, _ := request.Context().Value(addressKey{}).(string)
	return address
}

// URL is how a client is told to use the proxy.
func (network *Network) URL() string { return "socks5://" + network.listener.Addr().String() }

// Stop ends it with all its connections.
func (network *Network) Stop() { _ = network.server.Close() }

// accepting is the network as a listener.
type accepting struct{ *Network }

// Accept implements net.Listener; a connection that does not speak SOCKS is dropped.
func (network accepting) Accept() (net.Conn, error) {
	for {
		connection, err := network.listener.Accept()
		if err != nil {
			return nil, err
		}
		address, err := greet(connection)
		if err != nil {
			_ = connection.Close()
			continue
		}
		if _, port, _ := net.SplitHostPort(address); port == "443" {
			connection = tls.Server(connection, &tls.Config{Certificates: []tls.Certificate{network.certificate}})
		}
		return &dialled{Conn: connection, address: address}, nil
	}
}

// Close implements net.Listener.
func (network accepting) Close() error { return network.listener.Close() }

// Addr implements net.Listener.
func (network accepting) Addr() net.Addr { return network.listener.Addr() }

// greet speaks the server's part of SOCKS 5 (RFC 1928) without authentication and returns the address that is asked for.
func greet(connection net.Conn) (string, error) {
	// The client waits for each answer, so nothing beyond the greeting is ever buffered.
	reader := bufio.NewReader(connection)
	var head [2]byte
	if _, err := io.ReadFull(reader, head[:]); err != nil {
		return "", err
	}
	if _, err := reader.Discard(int(head[1])); err != nil {
		return "", err
	}
	if _, err := connection.Write([]byte{5, 0}); err != nil {
		return "", err
	}
	var request [4]byte
	if _, err := io.ReadFull(reader, request[:]); err != nil {
		return "", err
	}
	host, err := readHost(reader, request[3])
	if err != nil {
		return "", err
	}
	var port [2]byte
	if _, err := io.ReadFull(reader, port[:]); err != nil {
		return "", err
	}
	if reader.Buffered() > 0 {
		return "", errors.New("socks: more than a greeting")
	}
	_, err = connection.Write([]byte{5, 0, 0, 1, 127, 0, 0, 1, 0, 0})
	return net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(port[:])))), err
}

func readHost(reader *bufio.Reader, kind byte) (string, error) {
	length := map[byte]int{1: 4, 4: 16}[kind]
	if kind == 3 {
		size, err := reader.ReadByte()
		if err != nil {
			return "", err
		}
		length = int(size)
	}
	if length == 0 {
		return "", fmt.Errorf("socks: address of kind %d", kind)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(reader, text); err != nil {
		return "", err
	}
	if kind == 3 {
		return string(text), nil
	}
	return net.IP(text).String(), nil
}
