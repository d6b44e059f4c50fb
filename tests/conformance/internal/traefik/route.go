package traefik

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"formwork.example/conformance/internal/delivery"
)

// route is one IngressRoute with what its middlewares say, which is what the requests are measured by.
type route struct {
	object      delivery.Object
	namespace   string
	hosts       []string
	middlewares map[string]delivery.Object
	// blocked is the expression of the paths that answer 404.
	blocked *regexp.Regexp
	// allowed are the networks that may visit; nothing means everybody.
	allowed []netip.Prefix
	// guarded says whether a login service decides about requests.
	guarded bool
	// live is the port of websockets: an Odoo without worker processes has one port for everything.
	live string
	// visitors counts the addresses given out.
	visitors int
}

var (
	hostPattern = regexp.MustCompile("Host\\(`([^`]+)`\\)")
	manyWorkers = regexp.MustCompile(`(?m)^ +workers = [1-9]`)
	pathPattern = regexp.MustCompile("PathRegexp\\(`([^`]+)`\\)")
)

// routesOf reads the IngressRoutes of a cluster.
func routesOf(objects []delivery.Object) ([]*route, error) {
	var routes []*route
	for _, object := range objects {
		if object.Address.Kind != "IngressRoute" {
			continue
		}
		made := &route{object: object, namespace: object.Address.Namespace, middlewares: map[string]delivery.Object{}, live: "http"}
		for _, other := range objects {
			if other.Address.Namespace == made.namespace && manyWorkers.Match(other.Document) {
				made.live = "gevent"
			}
			if other.Address.Kind == "Middleware" && other.Address.Namespace == made.namespace {
				made.middlewares[other.Address.Name] = other
			}
		}
		if err := made.read(); err != nil {
			return nil, err
		}
		routes = append(routes, made)
	}
	return routes, nil
}

func (route *route) read() error {
	for _, rule := range objectsIn(route.object.Value("spec", "routes")) {
		match, _ := rule["match"].(string)
		for _, found := range hostPattern.FindAllStringSubmatch(match, -1) {
			if !slices.Contains(route.hosts, found[1]) {
				route.hosts = append(route.hosts, found[1])
			}
		}
		for _, used := range objectsIn(rule["middlewares"]) {
			name, _ := used["name"].(string)
			middleware := route.middlewares[name]
			if middleware.Value("spec", "forwardAuth") != nil {
				route.guarded = true
			}
			code, _ := middleware.Value("spec", "ipAllowList", "rejectStatusCode").(float64)
			found := pathPattern.FindStringSubmatch(match)
			if code == 404 && found != nil {
				expression, err := regexp.Compile(found[1])
				if err != nil {
					return err
				}
				route.blocked = expression
			}
			if code != 404 && route.allowed == nil {
				for _, text := range texts(middleware.Value("spec", "ipAllowList", "sourceRange")) {
					if !strings.Contains(text, "/") {
						text += "/32"
					}
					network, err := netip.ParsePrefix(text)
					if err != nil {
						return err
					}
					route.allowed = append(route.allowed, network)
				}
			}
		}
	}
	return nil
}

// number returns a number of a middleware, 0 where it has none.
func (route *route) number(middleware string, keys ...string) int {
	number, _ := route.middlewares[middleware].Value(append([]string{"spec"}, keys...)...).(float64)
	return int(number)
}

// address returns one that may visit and that has not been used yet, as long as the allowed network has any left.
func (route *route) address() netip.Addr {
	route.visitors++
	if len(route.allowed) == 0 {
		return netip.AddrFrom4([4]byte{203, 0, 113, byte(route.visitors)})
	}
	address := route.allowed[0].Addr()
	for range route.visitors {
		if next := address.Next(); route.allowed[0].Contains(next) {
			address = next
		}
	}
	return address
}

// visitor returns a browser that may come in.
func (route *route) visitor(door door) *visitor {
	cookies := ""
	if route.guarded {
		cookies = cookie
	}
	return door.visitor(route.address(), cookies)
}
