package traefik

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"sync"
	"time"

	"formwork.example/conformance/internal/report"
)

// trial holds one IngressRoute against a running Traefik.
type trial struct {
	*route
	door    door
	backend *backend
	result  *report.Report
}

// run makes all requests.
func (trial trial) run() {
	for _, host := range trial.hosts {
		trial.ordinary(host)
		trial.websocket(host)
		trial.redirect(host)
		trial.blockedPaths(host)
	}
	host := trial.hosts[0]
	trial.headers(host)
	trial.strangers(host)
	trial.uploads(host)
	trial.oldTLS(host)
	trial.inFlight(host)
	trial.logins(host)
	trial.hurry(host, "/web", "rate-limit")
	trial.hurry(host, "/websocket/peek", "websocket-rate-limit")
}

func (trial trial) find(format string, arguments ...any) {
	trial.result.Find("%s: %s", trial.object.Path, fmt.Sprintf(format, arguments...))
}

// expect makes a request and holds its code, and the backend that it reaches, against what is wanted; no port means none.
func (trial trial) expect(who *visitor, wanted request, code int, port string) (answer, bool) {
	what := wanted.Method + " " + wanted.Host + wanted.Path
	got, err := who.ask(wanted)
	trial.result.Count("requests", 1)
	switch {
	case err != nil:
		trial.find("%s from %s: %v", what, who.from, err)
	case got.Code != code:
		trial.find("%s from %s answers %d instead of %d", what, who.from, got.Code, code)
	case port == "" && got.Reached != nil:
		trial.find("%s reaches %s of %s, it should reach nobody", what, got.Reached.Port, got.Reached.Namespace)
	case port != "" && got.Reached == nil:
		trial.find("%s reaches no backend", what)
	case port != "" && (got.Reached.Port != port || got.Reached.Namespace != trial.namespace):
		trial.find("%s reaches %s of %s instead of %s of %s", what, got.Reached.Port, got.Reached.Namespace, port, trial.namespace)
	default:
		return got, true
	}
	return got, false
}

func (trial trial) ordinary(host string) {
	who := trial.visitor(trial.door)
	defer who.close()
	for _, path := range []string{"/", "/web", "/web/login", "/my/orders?page=2", "/shop", "/websocketx", "/web/databases"} {
		got, fine := trial.expect(who, request{Method: http.MethodGet, Host: host, Path: path}, http.StatusOK, "http")
		if fine && got.Reached.Host != host {
			trial.find("GET %s%s: the backend is told the host %q", host, path, got.Reached.Host)
		}
	}
}

func (trial trial) websocket(host string) {
	who := trial.visitor(trial.door)
	defer who.close()
	code, reached, echo, err := who.converse(host, "/websocket?version=17.0-1")
	trial.result.Count("requests", 1)
	if wanted := trial.namespace + " " + trial.live; err != nil || code != http.StatusSwitchingProtocols || reached != wanted || echo != "are you there" {
		trial.find("websocket of %s: code %d, reached %q instead of %q, echo %q, %v", host, code, reached, wanted, echo, err)
	}
	trial.expect(who, request{Method: http.MethodGet, Host: host, Path: "/websocket/health"}, http.StatusOK, trial.live)
}

func (trial trial) redirect(host string) {
	who := trial.visitor(trial.door)
	defer who.close()
	got, err := who.ask(request{Method: http.MethodGet, Host: host, Path: "/web/login?next=1", Scheme: "http"})
	trial.result.Count("requests", 1)
	if err != nil {
		trial.find("http://%s: %v", host, err)
		return
	}
	location := got.Header.Get("Location")
	if (got.Code != http.StatusMovedPermanently && got.Code != http.StatusPermanentRedirect) ||
		!strings.HasPrefix(location, "https://"+host) || !strings.HasSuffix(location, "/web/login?next=1") {
		trial.find("http://%s answers %d with Location %q instead of a permanent redirect to https", host, got.Code, location)
	}
}

// spellings are ways to write a path that must stay closed; @ is a blocked path.
var spellings = []string{"@/", "/@", "/web/.@", "/web/..@", "/websocket/..@", "/static/%2e%2e@", "@%2f", "@?a=b", "@//x", "@/..@"}

// blockedPaths tries the closed paths, in many spellings: none may reach the backend under a name that Odoo takes for it.
func (trial trial) blockedPaths(host string) {
	if trial.blocked == nil {
		trial.find("no route closes any path")
		return
	}
	who := trial.visitor(trial.door)
	defer who.close()
	for _, closed := range []string{"/web/database/manager", "/web/database/selector", "/web/database", "/xmlrpc/db", "/xmlrpc/2/db", "/metrics", "/monitoring/live", "/queue_job/runjob"} {
		trial.expect(who, request{Method: http.MethodGet, Host: host, Path: closed}, http.StatusNotFound, "")
		trial.expect(who, request{Method: http.MethodPost, Host: host, Path: closed, Length: 10}, http.StatusNotFound, "")
		first, rest, _ := strings.Cut(closed[1:], "/")
		variants := []string{fmt.Sprintf("/%%%x%s", first[0], closed[2:]), "/" + first + "%2F" + rest, "/" + first + "//" + rest, "/" + first + "/./" + rest}
		for _, spelling := range spellings {
			variants = append(variants, strings.ReplaceAll(spelling, "@", closed))
		}
		for _, variant := range variants {
			trial.trySpelling(who, host, variant)
		}
	}
}

func (trial trial) trySpelling(who *visitor, host, variant string) {
	got, err := who.ask(request{Method: http.MethodGet, Host: host, Path: variant})
	trial.result.Count("requests", 1)
	if err != nil {
		trial.find("GET %s%s: %v", host, variant, err)
		return
	}
	if got.Reached != nil && (trial.blocked.MatchString(got.Reached.Path) || trial.blocked.MatchString(path.Clean(got.Reached.Path))) {
		trial.find("GET %s%s goes round the closed paths: the backend is asked for %s", host, variant, got.Reached.Path)
	}
}

// headers looks at what the backend is told and at what the visitor is.
func (trial trial) headers(host string) {
	who := trial.visitor(trial.door)
	defer who.close()
	spoofed := map[string]string{
		"X-Forwarded-For": "192.0.2.66", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Real-Ip": "192.0.2.66",
		"X_Forwarded_For": "192.0.2.66", "X_Forwarded_Host": "evil.example",
		"X-Auth-Request-User": "mallory", "Accept-Encoding": "gzip", askSize: "100000",
	}
	got, err := who.ask(request{Method: http.MethodGet, Host: host, Path: "/web", Header: spoofed})
	trial.result.Count("requests", 1)
	if err != nil || got.Code != http.StatusOK {
		trial.find("GET %s/web with odd headers answers %d, %v", host, got.Code, err)
		return
	}
	if trial.middlewares["compress"].Content != nil && got.Header.Get("Content-Encoding") != "gzip" {
		trial.find("GET %s/web: an answer of 100000 bytes is not compressed", host)
	}
	if !strings.Contains(got.Header.Get("Strict-Transport-Security"), "max-age=31536000") {
		trial.find("GET %s/web: Strict-Transport-Security is %q", host, got.Header.Get("Strict-Transport-Security"))
	}
	for _, name := range []string{"Server", "X-Powered-By"} {
		if value := got.Header.Get(name); value != "" {
			trial.find("GET %s/web lets out %s: %s", host, name, value)
		}
	}
	delete(spoofed, askSize)
	delete(spoofed, "Accept-Encoding")
	got, fine := trial.expect(who, request{Method: http.MethodGet, Host: host, Path: "/web", Header: spoofed}, http.StatusOK, "http")
	if !fine {
		return
	}
	wanted := map[string]string{"X-Forwarded-For": who.from.String(), "X-Forwarded-Host": host, "X-Forwarded-Proto": "https"}
	if trial.guarded {
		wanted["X-Auth-Request-User"] = somebody
	}
	for name, value := range wanted {
		if told := strings.Join(got.Reached.Header.Values(name), ", "); told != value {
			trial.find("GET %s/web: the backend is told %s: %q instead of %q", host, name, told, value)
		}
	}
	for name := range got.Reached.Header {
		if strings.Contains(name, "_") {
			trial.find("GET %s/web: the backend is told %s, which it reads as another header", host, name)
		}
	}
}

// strangers are those who may not come in: from a network that is not allowed, or without having logged in.
func (trial trial) strangers(host string) {
	cookies := ""
	if trial.guarded {
		cookies = cookie
	}
	if len(trial.allowed) > 0 {
		who := trial.door.visitor(netip.MustParseAddr("192.0.2.99"), cookies)
		defer who.close()
		for _, path := range []string{"/web", "/websocket/health"} {
			trial.expect(who, request{Method: http.MethodGet, Host: host, Path: path}, http.StatusForbidden, "")
		}
		trial.expect(who, request{Method: http.MethodPost, Host: host, Path: "/web/login", Length: 10}, http.StatusForbidden, "")
	}
	if trial.guarded {
		who := trial.door.visitor(trial.address(), "")
		defer who.close()
		for _, path := range []string{"/web", "/websocket/health"} {
			trial.expect(who, request{Method: http.MethodGet, Host: host, Path: path}, http.StatusUnauthorized, "")
		}
		trial.expect(who, request{Method: http.MethodPost, Host: host, Path: "/web/login", Length: 10}, http.StatusUnauthorized, "")
	}
}

func (trial trial) uploads(host string) {
	who := trial.visitor(trial.door)
	defer who.close()
	for name, path := range map[string]string{"body": "/web/binary/upload", "small-body": "/web/login"} {
		limit := int64(trial.number(name, "buffering", "maxRequestBodyBytes"))
		if limit == 0 {
			trial.find("%s sets no limit", name)
			continue
		}
		// Larger ones take long to send, and nothing is different about them.
		most := min(limit, 4<<20)
		got, fine := trial.expect(who, request{Method: http.MethodPost, Host: host, Path: path, Length: most}, http.StatusOK, "http")
		if fine && got.Reached.Bytes != most {
			trial.find("POST %s%s: of %d bytes %d reach the backend", host, path, most, got.Reached.Bytes)
		}
		trial.expect(who, request{Method: http.MethodPost, Host: host, Path: path, Length: limit + 1}, http.StatusRequestEntityTooLarge, "")
	}
}

func (trial trial) oldTLS(host string) {
	who := trial.visitor(trial.door)
	defer who.close()
	connection, err := who.handshake(&tls.Config{ServerName: host, RootCAs: trial.door.trust, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	trial.result.Count("requests", 1)
	if err == nil {
		_ = connection.Close()
		trial.find("%s speaks TLS 1.1", host)
	}
}

// inFlight keeps as many requests open as may be and asks for one more.
func (trial trial) inFlight(host string) {
	amount := trial.number("in-flight", "inFlightReq", "amount")
	if amount == 0 {
		return
	}
	who := trial.visitor(trial.door)
	defer who.close()
	codes := make(chan int, 2*amount)
	var all sync.WaitGroup
	for range amount + 5 {
		all.Go(func() {
			got, err := who.ask(request{Method: http.MethodGet, Host: host, Path: "/web/slow", Header: map[string]string{askHold: "1"}})
			if err != nil {
				got.Code = -1
			}
			codes <- got.Code
		})
	}
	// The five that are too many answer at once, the others only when they are released.
	refused := 0
	for range 5 {
		select {
		case code := <-codes:
			if code == http.StatusTooManyRequests {
				refused++
			}
		case <-time.After(10 * time.Second):
		}
	}
	trial.backend.release()
	all.Wait()
	trial.result.Count("requests", amount+5)
	if refused != 5 {
		trial.find("of %d requests at once %d are refused instead of 5", amount+5, refused)
	}
}

// logins tries passwords from one network of IPv6: its addresses count as one visitor.
func (trial trial) logins(host string) {
	burst := trial.number("login-rate-limit", "rateLimit", "burst")
	if burst == 0 {
		trial.find("logins are not limited")
		return
	}
	cookies := ""
	if trial.guarded {
		cookies = cookie
	}
	last := 0
	for attempt := range burst + 2 {
		from := netip.MustParseAddr(fmt.Sprintf("2001:db8:%x:7::%x", 1, attempt+1))
		if len(trial.allowed) > 0 {
			from = trial.allowed[0].Addr()
		}
		who := trial.door.visitor(from, cookies)
		got, err := who.ask(request{Method: http.MethodPost, Host: host, Path: "/web/login", Length: 20})
		who.close()
		trial.result.Count("requests", 1)
		last = got.Code
		if err != nil || (attempt < burst && got.Code != http.StatusOK) {
			trial.find("login %d of %d answers %d, %v", attempt+1, burst, got.Code, err)
			return
		}
	}
	if last != http.StatusTooManyRequests {
		trial.find("login %d still answers %d; %d are allowed at once", burst+2, last, burst)
	}
}

// hurry asks as fast as it can until it is told that this is too much, which must not be before the burst is used up.
func (trial trial) hurry(host, path, middleware string) {
	burst, average := trial.number(middleware, "rateLimit", "burst"), trial.number(middleware, "rateLimit", "average")
	if burst == 0 {
		trial.find("there is no %s", middleware)
		return
	}
	who := trial.visitor(trial.door)
	defer who.close()
	started := time.Now()
	var all sync.WaitGroup
	var mutex sync.Mutex
	asked, refused := 0, 0
	most := 4 * (burst + average)
	for range 4 {
		all.Go(func() {
			for {
				mutex.Lock()
				stop := refused > 0 || asked >= most
				asked++
				mutex.Unlock()
				if stop {
					return
				}
				got, err := who.ask(request{Method: http.MethodGet, Host: host, Path: path})
				if err != nil {
					trial.find("GET %s%s: %v", host, path, err)
					return
				}
				if got.Code == http.StatusTooManyRequests {
					mutex.Lock()
					refused++
					mutex.Unlock()
				} else if got.Code != http.StatusOK {
					trial.find("GET %s%s answers %d", host, path, got.Code)
					return
				}
			}
		})
	}
	all.Wait()
	trial.result.Count("requests", asked)
	rate := float64(asked) / time.Since(started).Seconds()
	switch {
	case refused > 0 && asked < burst:
		trial.find("%s refuses the request number %d, before its burst of %d", middleware, asked, burst)
	case refused == 0 && rate > 2*float64(average):
		trial.find("%s lets %d requests at %.0f a second pass", middleware, asked, rate)
	case refused == 0:
		trial.result.Note("%s was not reached: this machine makes only %.0f requests a second", middleware, rate)
	}
}
