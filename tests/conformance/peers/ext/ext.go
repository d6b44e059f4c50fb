// Package ext stands in for a module of Traefik's repository that its published archive leaves out: two empty extensions.
package ext

// HTTP extends the configuration of HTTP by nothing.
type HTTP struct{}

// Router extends a router by nothing.
type Router struct{}
